// The search page: what is sought goes in bodies, and comes back when a person returns with the browser's own key.
import { Refused, piece } from "./api.js";

const form = document.getElementById("search");
const results = document.getElementById("results");
const said = document.getElementById("said");
const problem = document.getElementById("problem");

form.addEventListener("submit", (event) => {
  event.preventDefault();
  find();
});

async function find(isAgain = false) {
  const sought = Object.fromEntries([...new FormData(form)].filter(([, value]) => value));
  history.replaceState(sought, "");
  const found = await attempt(() => piece("/search/results", sought));
  if (!found) return;
  results.replaceChildren(...found.childNodes);
  said.textContent = results.querySelector("[data-count]")?.textContent ?? "";
  if (!isAgain) results.querySelector(".hit a")?.focus();
}

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
  for (const [name, value] of Object.entries(history.state)) form.elements[name].value = value;
  find(true);
}
