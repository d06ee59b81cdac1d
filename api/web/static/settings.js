// Settings: rights of people, secrets that are shown once, files that are put in force.
import { Refused, asked, call } from "./api.js";
import { element } from "./dom.js";
import { say } from "./words.js";

document.addEventListener("submit", async (event) => {
  const form = event.target;
  const { rights, secret, file } = form.dataset;
  if (!rights && !secret && !file) return;
  event.preventDefault();
  const alert = form.querySelector("[role=alert]");
  alert.textContent = say("js.working");
  try {
    const answer = await sent(form, (rights ?? secret ?? file).split(" "));
    alert.textContent = "";
    if (form.dataset.shows) await showOnce(answer[form.dataset.shows]);
    location.reload();
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    alert.textContent = error.message;
  }
});

async function sent(form, [method, path]) {
  if (form.dataset.file) {
    return (await asked(method, `/api/v1${path}`, form.elements.file.files[0])).json();
  }
  return call(method, path, form.dataset.rights ? rightsOf(form) : textsOf(form));
}

function textsOf(form) {
  const texts = [...form.elements].filter((input) => input.name && input.type !== "checkbox" && (input.value || "keep" in input.dataset));
  return Object.fromEntries(texts.map((input) => [input.name, input.value.trim()]));
}

function rightsOf(form) {
  const { regions, ...order } = textsOf(form);
  const codes = (regions ?? "").split(/[\s,，]+/).filter(Boolean);
  const roles = [...form.querySelectorAll("[name=roles]:checked")].map((box) => box.value);
  return { ...order, roles, regions: form.elements.every_region.checked ? null : codes };
}

// A password or token that is nowhere else: the page goes on when somebody says it is noted.
function showOnce(text) {
  return new Promise((done) => {
    const shown = element("output", { class: "code secret", tabindex: "0" }, text);
    const dialog = element("dialog", { class: "card", "aria-labelledby": "once" },
      element("h2", { id: "once" }, say("settings.once")), shown, element("p", { class: "hint" }, say("settings.once_lead")),
      element("button", { type: "button", class: "main", onclick: () => dialog.close() }, say("settings.noted")));
    dialog.addEventListener("cancel", (event) => event.preventDefault());
    dialog.addEventListener("close", () => {
      dialog.remove();
      done();
    });
    document.body.append(dialog);
    dialog.showModal();
    getSelection().selectAllChildren(shown);
  });
}
