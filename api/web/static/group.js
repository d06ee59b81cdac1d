// Forty times the same field: what was read under each piece of a page; the wrong ones picked out, the rest confirmed.
import { Refused, call } from "./api.js";
import { element } from "./dom.js";
import { say } from "./words.js";

const place = document.getElementById("group");
const said = document.getElementById("said");
const confirm = document.getElementById("confirm");
const { kind, name } = place.dataset;
const done = { count: 0, seconds: 0 };
let cards = [];
let after = null;
let since = 0;
let isSending = false;

async function next() {
  const found = await call("POST", "/verification/group", { kind, name, after });
  after = found.at(-1)?.document_id ?? after;
  since = performance.now();
  cards = found.map((each) => new Card(each));
  place.replaceChildren(...cards.map((card) => card.button));
  confirm.hidden = !cards.length;
  if (!cards.length) tell(say(done.count ? "group.all_done" : "group.none"));
  cards[0]?.button.focus();
}

class Card {
  isWrong = false;

  constructor({ document_id, field }) {
    this.document = document_id;
    this.field = field;
    const path = `/api/v1/documents/${document_id}/fields/${field.part_no}/${encodeURIComponent(field.name)}/crop`;
    const picture = element("img", { src: path, alt: "" });
    this.button = element("button", { type: "button", class: "crop", "aria-pressed": "false", onclick: () => this.turn() },
      picture, element("span", {}, field.value ?? "–"));
  }

  turn() {
    this.isWrong = !this.isWrong;
    this.button.setAttribute("aria-pressed", String(this.isWrong));
  }
}

async function settle() {
  if (isSending || !cards.length) return;
  isSending = true;
  try {
    const right = cards.filter((card) => !card.isWrong);
    const confirmed = right.map(({ document: document_id, field }) => ({ document_id, part_no: field.part_no, name, version: field.version }));
    const picked_out = cards.filter((card) => card.isWrong).map((card) => card.document);
    const { outcomes } = await call("POST", "/verification/group/decision", { confirmed, picked_out });
    const settled = outcomes.filter((each) => !each.refused).length;
    done.count += settled;
    done.seconds += (performance.now() - since) / 1000;
    tell(say("group.done", { n: settled, left: cards.length - settled, s: (done.seconds / Math.max(1, done.count)).toFixed(1) }));
    await next();
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    tell(error.message, true);
  } finally {
    isSending = false;
  }
}

function tell(text, isProblem = false) {
  said.textContent = text;
  said.classList.toggle("problem", isProblem);
}

// Arrows go from one to the next, a space picks out, Enter confirms the rest.
document.addEventListener("keydown", (event) => {
  if (document.querySelector("dialog[open]") || event.altKey || event.ctrlKey || event.metaKey) return;
  const at = cards.findIndex((card) => card.button === document.activeElement);
  const row = Math.max(1, getComputedStyle(place).gridTemplateColumns.split(" ").length);
  const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: row, ArrowUp: -row }[event.key];
  if (step !== undefined && cards[at + step]) {
    event.preventDefault();
    cards[at + step].button.focus();
  } else if (event.key === "Enter" && (at >= 0 || document.activeElement === document.body)) {
    event.preventDefault();
    settle();
  }
});

confirm.addEventListener("click", settle);
addEventListener("pagehide", () => {
  for (const card of cards) {
    fetch(`/api/v1/documents/${card.document}/claim`, { method: "DELETE", headers: { "X-Requested-With": "desk" }, keepalive: true }).catch(() => {});
  }
});

said.textContent = "";
next().catch((error) => {
  if (!(error instanceof Refused)) throw error;
  tell(error.message, true);
});
