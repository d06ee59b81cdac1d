// The search page: what is sought goes in bodies, and comes back when a person returns with the browser's own key.
import { Refused, asked, call, piece } from "./api.js";
import { say } from "./words.js";

const form = document.getElementById("search");
const results = document.getElementById("results");
const said = document.getElementById("said");
const problem = document.getElementById("problem");

form.addEventListener("submit", (event) => {
  event.preventDefault();
  find();
});

const sought = () => Object.fromEntries([...new FormData(form)].filter(([, value]) => value));

function fill(values) {
  form.reset();
  for (const [name, value] of Object.entries(values)) if (form.elements[name]) form.elements[name].value = value;
}

async function find(isAgain = false) {
  const asking = sought();
  history.replaceState(asking, "");
  const found = await attempt(() => piece("/search/results", asking));
  if (!found) return;
  results.replaceChildren(...found.childNodes);
  said.textContent = results.querySelector("[data-count]")?.textContent ?? "";
  if (exporting) exporting.hidden = !results.querySelector(".hit");
  if (!isAgain) results.querySelector(".hit a")?.focus();
}

results.addEventListener("click", (event) => {
  const narrow = event.target.closest("[data-narrow]");
  if (!narrow) return;
  const { narrow: name, value } = narrow.dataset;
  if (name === "year") fill({ ...sought(), date_name: "filed_on", date_from: `${value}-01-01`, date_to: `${value}-12-31` });
  else form.elements[name].value = value;
  find();
});

form.querySelector("[data-clear]").addEventListener("click", () => {
  form.reset();
  form.elements.typed.focus();
});

for (const button of document.querySelectorAll("[data-sought]")) {
  button.addEventListener("click", () => {
    fill(JSON.parse(button.dataset.sought));
    find();
  });
}

document.querySelector("#save form").addEventListener("submit", async (event) => {
  event.preventDefault();
  history.replaceState(sought(), "");
  const order = { name: event.target.elements.name.value, sought: sought() };
  if (await attempt(() => call("POST", "/searches", order))) location.reload();
});

const exporting = document.getElementById("export");
exporting?.addEventListener("click", async (event) => {
  const form = event.target.dataset.form;
  if (!form) return;
  said.textContent = say("js.working");
  const answer = await attempt(() => asked("POST", "/search/export", { ...history.state, form }));
  if (!answer) return;
  const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(await answer.blob()), download: `guidang.${form}` });
  link.click();
  URL.revokeObjectURL(link.href);
  said.textContent = say("search.exported");
});

results.addEventListener("click", async (event) => {
  const more = event.target.closest("[data-cursor]");
  if (!more) return;
  const found = await attempt(() => piece("/search/results", { ...history.state, cursor: more.dataset.cursor }));
  if (!found) return;
  const first = found.querySelector(".hit a");
  more.remove();
  results.append(...found.querySelectorAll(".hits, [data-cursor]"));
  first?.focus();
});

async function attempt(act) {
  problem.textContent = "";
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    problem.textContent = error.message;
    return null;
  }
}

document.addEventListener("keydown", (event) => {
  const isTyping = event.target.matches("input, select, textarea");
  if (event.key === "/" && !isTyping) {
    event.preventDefault();
    form.elements.typed.select();
  }
  if (!["ArrowDown", "ArrowUp"].includes(event.key) || (isTyping && event.target !== form.elements.typed)) return;
  const links = [...results.querySelectorAll(".hit a")];
  const to = links.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1);
  if (to >= links.length) return;
  event.preventDefault();
  if (to < 0) form.elements.typed.focus();
  else links[to].focus();
});

if (history.state) {
  fill(history.state);
  find(true);
}
