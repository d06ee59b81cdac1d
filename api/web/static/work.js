// What a person needs of one waiting document, fetched whole, so that the next is there before it is wanted.
import { call } from "./api.js";
import { say } from "./words.js";
import { pageImage } from "./viewer.js";

const STARS = "********";

export async function load(documentId) {
  const document = await call("GET", `/documents/${documentId}`);
  const work = { document, fields: [], images: new Map(), inFull: false };
  if (document.state !== "waiting") return work;
  if (document.waiting_for === "fields") await loadFields(work);
  imageOf(work, firstPage(work));
  return work;
}

// Numbers of people come masked. A doubtful one cannot be verified behind stars: it is asked for, and the log says so.
export async function loadFields(work) {
  const path = `/documents/${work.document.id}`;
  let { fields } = await call("GET", `${path}/fields`);
  const isCovered = (field) => field.state === "doubtful" && `${field.value}${field.text}`.includes(STARS);
  work.inFull = fields.some(isCovered);
  if (work.inFull) {
    const full = (await call("POST", `${path}/reveal`, { purpose: "verification" })).fields;
    fields = fields.map((field, at) => (isCovered(field) ? full[at] : field));
  }
  work.fields = fields;
}

export function imageOf(work, pageNo) {
  if (pageNo && !work.images.has(pageNo)) {
    work.images.set(pageNo, pageImage(work.document.id, pageNo, say("js.page", { n: pageNo })));
  }
  return work.images.get(pageNo);
}

export const pageOf = (work, pageNo) => work.document.pages.find((page) => page.page_no === pageNo);

// Most failed checks first, then least confidence.
export function doubts(work) {
  const failed = (field) => field.checks.filter((check) => !check.passed).length;
  return work.fields
    .filter((field) => field.state === "doubtful")
    .sort((a, b) => failed(b) - failed(a) || a.confidence - b.confidence);
}

function firstPage(work) {
  return doubts(work)[0]?.page_no ?? work.document.pages[0]?.page_no;
}

// The documents that wait, oldest first, from one of them on; once round, and none twice.
export class Queue {
  #seen = new Set(); #ids = []; #cursor; #start;

  constructor(start) {
    this.#start = start;
  }

  async next() {
    for (;;) {
      const id = this.#start ?? this.#ids.shift();
      this.#start = null;
      if (id && !this.#seen.has(id)) {
        this.#seen.add(id);
        return id;
      }
      if (!id && !(await this.#more())) return null;
    }
  }

  async #more() {
    if (this.#cursor === null) return false;
    const after = this.#cursor ? `&cursor=${encodeURIComponent(this.#cursor)}` : "";
    const { items, next_cursor } = await call("GET", `/verification?limit=100${after}`);
    this.#ids.push(...items.map((item) => item.id));
    this.#cursor = next_cursor;
    return items.length > 0;
  }
}
