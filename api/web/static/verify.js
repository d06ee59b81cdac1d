// The verify page: one waiting document after the other, the next one fetched while a person looks at this one.
import { Refused } from "./api.js";
import { element } from "./dom.js";
import { say } from "./words.js";
import { Viewer } from "./viewer.js";
import { Queue, load } from "./work.js";
import { FieldsDesk } from "./verify_fields.js";
import { duplicateDesk, whoseDesk } from "./verify_others.js";

const place = document.getElementById("work");
const side = document.getElementById("side");
const said = document.getElementById("said");
const progress = document.getElementById("progress");
const viewer = new Viewer(document.getElementById("viewer"));
const queue = new Queue(place.dataset.document);
const done = { count: 0, seconds: 0, skipped: 0 };

let coming = null;
let desk = null;
let since = 0;

const room = { viewer, side, tell, finished, skip, gone };

function tell(text, isProblem = false) {
  said.textContent = text;
  said.classList.toggle("problem", isProblem);
}

function fetchNext() {
  coming = queue.next().then((id) => (id ? load(id) : null));
  coming.catch(() => {}); // told when it is wanted
}

async function advance() {
  desk = null;
  try {
    const work = await coming;
    fetchNext();
    if (!work) return allDone();
    if (work.document.state !== "waiting") return advance();
    open(work);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    tell(error.message, true);
    if (["not_found", "wrong_state"].includes(error.problem.code)) {
      fetchNext();
      return advance();
    }
    side.replaceChildren(element("a", { class: "button", href: "/verify" }, say("verify.to_queue")));
  }
}

function open(work) {
  since = performance.now();
  history.replaceState(null, "", `/verify/${work.document.id}`);
  const make = { fields: (...given) => new FieldsDesk(...given), customer: whoseDesk, duplicate: duplicateDesk };
  desk = make[work.document.waiting_for](work, room);
}

function finished() {
  done.count += 1;
  done.seconds += (performance.now() - since) / 1000;
  progress.textContent = say("verify.progress", { n: done.count, s: (done.seconds / done.count).toFixed(1) });
  return advance();
}

function skip() {
  done.skipped += 1;
  tell(say("verify.skipped", { n: done.skipped }));
  return advance();
}

// Somebody else was faster.
function gone() {
  tell(say("verify.conflict_gone"), true);
  return advance();
}

function allDone() {
  viewer.clear();
  history.replaceState(null, "", "/verify");
  const back = element("a", { class: "button main", href: "/verify" }, say("verify.to_queue"));
  side.replaceChildren(element("h2", {}, say("verify.all_done")), back);
  back.focus();
}

document.addEventListener("keydown", (event) => {
  if (!event.altKey || event.ctrlKey || event.metaKey) return;
  const keys = { Digit0: () => viewer.whole(), Equal: () => viewer.closer(), Minus: () => viewer.farther(), KeyS: () => desk && skip() };
  const act = keys[event.code] ?? desk?.keys?.[event.code];
  if (!act) return;
  event.preventDefault();
  act();
});

fetchNext();
advance();
