// A template of a form: checked while it is written, tried on a document that was read, kept.
import { Refused, call, look as lookAt } from "./api.js";
import { element } from "./dom.js";
import { say } from "./words.js";
import { Viewer, pageImage } from "./viewer.js";

const CHECK_AFTER_MS = 500;
const form = document.getElementById("template");
const { text, name, tried, upload } = form.elements;
const problems = document.getElementById("problems");
const said = document.getElementById("said");
const found = document.getElementById("found");
const viewer = new Viewer(document.getElementById("viewer"));
let timer = 0;
let asked = 0;
let shown = null;
let uploaded = null; // the file chosen last and what was read on it; the archive keeps neither

text.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(check, CHECK_AFTER_MS);
});
text.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !event.altKey) return;
  event.preventDefault();
  attempt(tryOut);
});
document.getElementById("try").addEventListener("click", () => attempt(tryOut));
document.getElementById("withdraw")?.addEventListener("click", () => attempt(withdraw));
upload.addEventListener("change", () => {
  form.elements.away.hidden = !upload.files.length;
  tried.disabled = upload.files.length > 0;
  if (upload.files.length) attempt(tryOut);
});
form.elements.away.addEventListener("click", () => {
  upload.value = "";
  upload.dispatchEvent(new Event("change"));
});
form.addEventListener("submit", (event) => {
  event.preventDefault();
  attempt(keep);
});

function tell(words, isProblem = false) {
  said.textContent = words;
  said.classList.toggle("problem", isProblem);
}

async function attempt(act) {
  try {
    if (await check()) await act();
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    tell(error.message, true);
  }
}

// Whether it may be used. What an earlier answer says of an older text is not shown.
async function check() {
  const mine = ++asked;
  const answer = await call("POST", "/templates/check", { text: text.value });
  if (mine !== asked) return false;
  problems.replaceChildren(...answer.problems.map(({ line, message }) =>
    element("li", {}, element("button", { type: "button", class: "plain", onclick: () => goTo(line) }, say("template.line", { n: line })), " ", element("span", { lang: "en" }, message))));
  tell(answer.problems.length ? say("template.problems", { n: answer.problems.length }) : say("template.sound"), answer.problems.length > 0);
  return !answer.problems.length;
}

function goTo(line) {
  const lines = text.value.split("\n");
  const start = lines.slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
  text.focus();
  text.setSelectionRange(start, start + (lines[line - 1] ?? "").length);
}

async function tryOut() {
  const file = upload.files[0];
  if (!file && !tried.value) return tell(say("template.nothing_read"), true);
  const { pages, image, answer } = await (file ? tryOnFile(file) : tryOnDocument(tried.value));
  shown = { pages, image, fields: answer.fields };
  found.replaceChildren(...answer.fields.map(row));
  tell(say("template.found", { n: Math.round(answer.printed * 100) }));
  showPage(answer.fields.find((field) => field.page_no)?.page_no ?? pages[0]?.page_no);
}

async function tryOnDocument(id) {
  const [{ pages }, answer] = await Promise.all([
    call("GET", `/documents/${id}`), call("POST", "/templates/trial", { text: text.value, document_id: id }),
  ]);
  return { pages, answer, image: (no) => pageImage(id, no, say("js.page", { n: no })) };
}

// Read once, then tried as often as the template changes.
async function tryOnFile(file) {
  if (uploaded?.file !== file) {
    tell(say("template.reading"));
    uploaded = { file, pages: (await (await lookAt("/files/reading", file)).json()).pages };
  }
  const { pages } = uploaded;
  const read = pages.map(({ picture, ...page }) => page);
  const answer = await call("POST", "/templates/trial", { text: text.value, pages: read });
  const image = (no) => element("img", { alt: say("js.page", { n: no }), src: `data:image/jpeg;base64,${pages.find((page) => page.page_no === no).picture}` });
  return { pages, answer, image };
}

function row(field) {
  const value = field.value ?? (field.is_printed ? "–" : say("template.not_printed"));
  const button = element("button", { type: "button", class: "plain", onclick: () => look(field) }, value);
  return element("tr", {}, element("th", { scope: "row" }, field.name), element("td", {}, field.box ? button : value),
    element("td", { class: "number" }, field.value ? `${Math.round(field.confidence * 100)}%` : ""));
}

function showPage(pageNo) {
  if (!pageNo) return viewer.clear();
  viewer.show(shown.image(pageNo), shown.pages.find((each) => each.page_no === pageNo));
  viewer.outline(shown.fields.filter((field) => field.box && field.page_no === pageNo).map((field) => field.box));
}

function look(field) {
  showPage(field.page_no);
  viewer.light(field.box);
}

async function keep() {
  const kept = await call("PUT", `/templates/${encodeURIComponent(name.value.trim())}`, { text: text.value });
  location.assign(`/settings/templates/${kept.name}?kept=${kept.version}`);
}

async function withdraw() {
  await call("DELETE", `/templates/${encodeURIComponent(name.value)}`);
  location.assign("/settings");
}

if (text.value) check().catch(() => {});
