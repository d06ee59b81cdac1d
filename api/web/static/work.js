// What a person needs of one waiting document, fetched whole, so that the next is there before it is wanted.
import { call } from "./api.js";
import { say } from "./words.js";
import { pageImage } from "./viewer.js";

const STARS = "********";

// Asked for at once, not one after the other: whoever settles quickly must not wait for the sum of it.
export async function load(claim) {
  const work = { claim, fields: [], images: new Map(), inFull: false };
  const wantsFields = !["customer", "duplicate", "notice"].includes(claim.waiting_for);
  if (claim.page_count === 1) imageOf(work, 1);
  const [document, answer] = await Promise.all([
    call("GET", `/documents/${claim.id}`),
    wantsFields ? call("GET", `/documents/${claim.id}/fields`).catch(() => null) : null,
  ]);
  work.document = document;
  if (document.state !== "waiting") return work;
  if (document.waiting_for === "fields") await loadFields(work, answer);
  imageOf(work, firstPage(work));
  return work;
}

// Numbers of people come masked. A doubtful one cannot be verified behind stars: it is asked for, and the log says so.
export async function loadFields(work, answer = null) {
  const path = `/documents/${work.document.id}`;
  let { fields } = answer ?? (await call("GET", `${path}/fields`));
  const isCovered = (field) => field.state === "doubtful" && `${field.value}${field.text}`.includes(STARS);
  work.inFull = fields.some(isCovered);
  if (work.inFull) {
    const full = (await call("POST", `${path}/reveal`, { purpose: "verification" })).fields;
    fields = fields.map((field, at) => (isCovered(field) ? full[at] : field));
  }
  work.fields = fields;
  if (isBlind) await addTurns(work);
}

const isBlind = document.querySelector("[data-blind]") !== null;

// Fields that two people type: what was read does not come, and what one has typed oneself is not asked again.
async function addTurns(work) {
  const { fields } = await call("GET", `/documents/${work.document.id}/keying`);
  for (const { part_no, name, turn, entries } of fields) {
    const field = work.fields.find((each) => each.part_no === part_no && each.name === name);
    Object.assign(field, { turn, suggestions: entries.map((entry) => entry.value).filter(Boolean) });
  }
}

export function imageOf(work, pageNo) {
  if (pageNo && !work.images.has(pageNo)) {
    work.images.set(pageNo, pageImage(work.claim.id, pageNo, say("js.page", { n: pageNo })));
  }
  return work.images.get(pageNo);
}

export const pageOf = (work, pageNo) => work.document.pages.find((page) => page.page_no === pageNo);

// Most failed checks first, then least confidence.
export function doubts(work) {
  const failed = (field) => field.checks.filter((check) => !check.passed).length;
  return work.fields
    .filter((field) => field.state === "doubtful" && field.turn !== "done")
    .sort((a, b) => failed(b) - failed(a) || a.confidence - b.confidence);
}

function firstPage(work) {
  return doubts(work)[0]?.page_no ?? work.document.pages[0]?.page_no;
}

const RENEW_MS = 60_000;
const IDLE_MS = 300_000;

// The documents that wait, oldest first, from one of them on; each claimed before it is shown, once round, none twice.
export class Queue {
  #seen = new Set(); #held = new Set(); #after = null; #start; #isRound = false; #active = Date.now();

  constructor(start, onRenewed) {
    this.#start = start;
    if (!start) this.#isRound = true;
    for (const kind of ["keydown", "pointerdown"]) document.addEventListener(kind, () => (this.#active = Date.now()));
    setInterval(() => this.#renew(onRenewed), RENEW_MS);
    addEventListener("pagehide", () => this.#held.forEach((id) => this.release(id)));
  }

  // The next claim: its document, until when, and the note of whoever set it aside.
  async next() {
    if (this.#start) {
      const id = this.#start;
      this.#start = null;
      this.#after = id;
      this.#seen.add(id);
      return this.#took(id, await call("PUT", `/documents/${id}/claim`, {}));
    }
    for (;;) {
      const { document: found, claim } = await call("POST", "/verification/next", { after: this.#after });
      if (!found && this.#isRound) return null;
      if (!found) {
        this.#isRound = true;
        this.#after = null;
        continue;
      }
      this.#after = found.id;
      if (!this.#seen.has(found.id)) {
        this.#seen.add(found.id);
        return this.#took(found.id, claim, found);
      }
      this.release(found.id);
    }
  }

  // Settled: the claim ended with it.
  done(id) {
    this.#held.delete(id);
  }

  release(id) {
    this.#held.delete(id);
    fetch(`/api/v1/documents/${id}/claim`, { method: "DELETE", headers: { "X-Requested-With": "desk" }, keepalive: true }).catch(() => {});
  }

  #took(id, claim, { waiting_for, page_count } = {}) {
    this.#held.add(id);
    return { id, until: claim.until, note: claim.note ?? null, waiting_for, page_count };
  }

  async #renew(onRenewed) {
    if (Date.now() - this.#active > IDLE_MS) return;
    for (const id of this.#held) {
      const claim = await call("PUT", `/documents/${id}/claim`, {}).catch(() => null);
      if (claim) onRenewed(id, claim.until);
    }
  }
}
