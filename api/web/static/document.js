// The document page: its pages to look at, a field's place lit, numbers shown in full for a purpose.
import { Refused, call } from "./api.js";
import { say } from "./words.js";
import { Viewer, pageImage } from "./viewer.js";

const { document: documentId } = document.getElementById("document").dataset;
const pages = JSON.parse(document.getElementById("pages").textContent);
const chosen = document.getElementById("page");
const viewer = new Viewer(document.getElementById("viewer"));
let shown = null;

async function show(pageNo) {
  if (shown === pageNo) return;
  shown = pageNo;
  chosen.value = pageNo;
  viewer.show(pageImage(documentId, pageNo, say("js.page", { n: pageNo })), pages.find((page) => page.page_no === pageNo));
  const { lines } = await call("GET", `/documents/${documentId}/pages/${pageNo}/lines`);
  if (shown === pageNo) viewer.text(lines);
}

chosen.addEventListener("change", () => show(Number(chosen.value)));

for (const button of document.querySelectorAll("[data-view]")) {
  button.addEventListener("click", () => viewer[button.dataset.view]());
}

for (const row of document.querySelectorAll("[data-box]")) {
  row.querySelector("[data-value]").addEventListener("click", () => {
    show(Number(row.dataset.page));
    viewer.light(JSON.parse(row.dataset.box));
  });
}

document.addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey || event.target.matches("input, select, textarea")) return;
  const keys = { "+": () => viewer.closer(), "=": () => viewer.closer(), "-": () => viewer.farther(), r: () => viewer.turn(), 0: () => viewer.whole() };
  keys[event.key]?.();
});

const fixity = document.getElementById("fixity");
fixity?.addEventListener("click", async () => {
  const status = document.getElementById("fixity-said");
  fixity.disabled = true;
  status.textContent = say("js.working");
  try {
    const { objects, broken } = await call("POST", `/documents/${documentId}/fixity`, {});
    status.classList.toggle("problem", broken.length > 0);
    status.textContent = broken.length ? say("document.fixity_broken", { n: broken.length }) : say("document.fixity_holds", { n: objects });
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    status.textContent = error.message;
  }
  fixity.disabled = false;
});

const reveal = document.getElementById("reveal");
reveal?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const status = reveal.querySelector("[role=status]");
  try {
    const { fields } = await call("POST", `/documents/${documentId}/reveal`, { purpose: reveal.elements.purpose.value });
    for (const field of fields) {
      const row = document.querySelector(`[data-field="${CSS.escape(`${field.part_no}/${field.name}`)}"]`);
      if (row && field.value) row.querySelector("[data-value]").textContent = field.value;
    }
    status.textContent = say("document.revealed");
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    status.textContent = error.message;
  }
});

const asked = /^#page-(\d+)$/.exec(location.hash);
show(asked ? Number(asked[1]) : pages[0].page_no);
