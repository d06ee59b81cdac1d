// On every page: forms that talk to the API, the switch of languages, parts that keep up to date, a few keys.
import { asked, call } from "./api.js";
import { forgetAll } from "./drafts.js";
import { say } from "./words.js";

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.dataset.api) return;
  event.preventDefault();
  const [method, path] = form.dataset.api.split(" ");
  const alert = form.querySelector("[role=alert]");
  if (!sameTwice(form)) {
    alert.textContent = say("js.not_same");
    return;
  }
  const buttons = [...form.querySelectorAll("button")];
  buttons.forEach((button) => (button.disabled = true));
  if (alert) alert.textContent = say("js.working");
  try {
    await call(method, path, method === "DELETE" ? undefined : valuesOf(form, event.submitter));
    if (path === "/session") forgetAll();
    if (form.dataset.then) location.assign(form.dataset.then);
    else location.reload();
  } catch (error) {
    buttons.forEach((button) => (button.disabled = false));
    if (!alert) throw error;
    alert.textContent = error.message;
    // Who has gone on to a field while the answer was on its way keeps typing there.
    if (!document.activeElement.matches("input, select, textarea")) form.querySelector("input:not([type=hidden])")?.focus();
  }
});

function sameTwice(form) {
  const again = form.querySelector("[data-same-as]");
  return !again || again.value === form.elements[again.dataset.sameAs].value;
}

// `data-type` says what a value is where it is not text; `data-values` names boxes anywhere on the page; `data-rows` makes
// a list of people and their parts; what is `data-optional` and empty is not sent.
function valuesOf(form, submitter) {
  const values = {};
  for (const input of form.elements) {
    if (input.value === "" && "optional" in input.dataset) continue;
    if (!input.name || ["checkbox", "radio"].includes(input.type) || ["BUTTON", "FIELDSET"].includes(input.tagName)) continue;
    const [group, name] = input.name.split(".");
    if (name) (values[group] ??= {})[name] = typed(input);
    else values[group] = typed(input);
  }
  if (submitter?.name) values[submitter.name] = typed(submitter);
  if (form.dataset.rows) {
    const rows = [...form.querySelectorAll("[data-row]")].filter((input) => input.value);
    values[form.dataset.rows] = rows.map((input) => ({ user_id: input.value, part: input.dataset.row }));
  }
  if (form.dataset.values) {
    const [name, chosen] = form.dataset.values.split(" ");
    values[name] = [...document.querySelectorAll(`input[name=${chosen}]:checked`)].map((box) => box.value);
  }
  return values;
}

function typed(input) {
  if (input.dataset.type === "int") return Number(input.value);
  if (input.dataset.type === "bool") return input.value === "true";
  if (input.dataset.type === "list") return input.value.split(/[\s,，]+/).filter(Boolean);
  return input.value;
}

for (const button of document.querySelectorAll("[data-language]")) {
  button.addEventListener("click", () => {
    document.cookie = `guidang_language=${button.dataset.language}; path=/; max-age=31536000; samesite=strict`;
    location.reload();
  });
}

for (const button of document.querySelectorAll("[data-print]")) button.addEventListener("click", () => print());

for (const all of document.querySelectorAll("[data-choose-all]")) {
  all.addEventListener("change", () => {
    for (const box of document.querySelectorAll(`input[name=${all.dataset.chooseAll}]`)) box.checked = all.checked;
  });
}

// A part marked `data-live` is asked for again every few seconds while somebody looks at it.
const LIVE_MS = 3000;
const live = document.querySelector("[data-live]");
if (live) setInterval(refresh, LIVE_MS);

async function refresh() {
  const focused = document.activeElement;
  if (document.hidden || (live.contains(focused) && !focused.id)) return;
  const answer = await asked("GET", location.pathname + location.search).catch(() => null);
  if (!answer) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-live]");
  if (fresh && fresh.innerHTML !== live.innerHTML) {
    live.replaceChildren(...fresh.childNodes);
    if (focused.id && document.activeElement !== focused) document.getElementById(focused.id)?.focus();
  }
}
