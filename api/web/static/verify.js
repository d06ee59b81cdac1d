// The verify page: one waiting document after the other, the next one fetched while a person looks at this one.
import { Refused } from "./api.js";
import { element } from "./dom.js";
import { say } from "./words.js";
import { Viewer } from "./viewer.js";
import { Queue, doubts, load } from "./work.js";
import { FieldsDesk } from "./verify_fields.js";
import { duplicateDesk, noticeDesk, whoseDesk } from "./verify_others.js";
import { sendBack, setAside } from "./verify_exits.js";
import { Drafts } from "./drafts.js";

const place = document.getElementById("work");
const side = document.getElementById("side");
const said = document.getElementById("said");
const progress = document.getElementById("progress");
const viewer = new Viewer(document.getElementById("viewer"));
const noted = document.getElementById("note");
const held = document.getElementById("claim");
const queue = new Queue(place.dataset.document, showClaim);
const done = { count: 0, seconds: 0, skipped: 0 };

let coming = null;
let desk = null;
let current = null;
let since = 0;

const room = {
  viewer, side, tell, finished, skip, gone, left,
  drafts: new Drafts(place.dataset.user),
  isArchivist: "archivist" in place.dataset,
  reasons: place.dataset.reasons.split(" "),
};

function tell(text, isProblem = false) {
  said.textContent = text;
  said.classList.toggle("problem", isProblem);
}

function fetchNext() {
  coming = queue.next().then((claim) => (claim ? load(claim) : null));
  coming.catch(() => {}); // told when it is wanted
}

async function advance() {
  desk = current = null;
  try {
    const work = await coming;
    fetchNext();
    if (!work) return allDone();
    if (work.document.state !== "waiting") return advance();
    open(work);
    if (work.document.waiting_for === "fields" && !doubts(work).length) {
      tell(say("verify.by_another"));
      return skip();
    }
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    tell(error.message, true);
    if (["not_found", "wrong_state", "claimed_by_another"].includes(error.problem.code)) {
      fetchNext();
      return advance();
    }
    side.replaceChildren(element("a", { class: "button", href: "/verify" }, say("verify.to_queue")));
  }
}

function open(work) {
  since = performance.now();
  current = work;
  history.replaceState(null, "", `/verify/${work.document.id}`);
  const make = { fields: (...given) => new FieldsDesk(...given), customer: whoseDesk, duplicate: duplicateDesk, notice: noticeDesk };
  desk = make[work.document.waiting_for](work, room);
  showClaim(work.document.id, work.claim.until);
  const { note } = work.claim;
  noted.hidden = !note;
  if (note) noted.textContent = say("verify.noted", { text: note.text ?? "–" });
}

function showClaim(id, until) {
  if (id !== current?.document.id) return;
  const clock = new Date(until).toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit", timeZone: "Asia/Shanghai" });
  held.textContent = say("verify.held", { until: clock });
}

function finished() {
  queue.release(current.document.id); // it may wait for a second person
  done.count += 1;
  done.seconds += (performance.now() - since) / 1000;
  progress.textContent = say("verify.progress", { n: done.count, s: (done.seconds / done.count).toFixed(1) });
  return advance();
}

function skip() {
  queue.release(current.document.id);
  done.skipped += 1;
  tell(say("verify.skipped", { n: done.skipped }));
  return advance();
}

// Set aside, or back to the station.
function left(text) {
  queue.done(current.document.id);
  tell(text);
  return advance();
}

// Somebody else was faster.
function gone() {
  queue.done(current.document.id);
  tell(say("verify.conflict_gone"), true);
  return advance();
}

function allDone() {
  viewer.clear();
  held.textContent = "";
  noted.hidden = true;
  history.replaceState(null, "", "/verify");
  const back = element("a", { class: "button main", href: "/verify" }, say("verify.to_queue"));
  side.replaceChildren(element("h2", {}, say("verify.all_done")), back);
  back.focus();
}

document.addEventListener("keydown", (event) => {
  if (document.querySelector("dialog[open]")) return;
  if (!event.altKey || event.ctrlKey || event.metaKey) return;
  const keys = { Digit0: () => viewer.whole(), Equal: () => viewer.closer(), Minus: () => viewer.farther(), KeyS: () => desk && skip(),
    KeyN: () => desk && setAside(current, room), KeyR: () => desk && sendBack(current, room) };
  const act = keys[event.code] ?? desk?.keys?.[event.code];
  if (!act) return;
  event.preventDefault();
  act();
});

fetchNext();
advance();
