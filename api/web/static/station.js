// The station page: files dropped here become a batch, each with its hash, its outcome and what may be better scanned.
import { Refused, call, look as lookAt } from "./api.js";
import { element } from "./dom.js";
import { canHash, filesOf, hex, inOrder, persistently, sendFile, sha256 } from "./sending.js";
import { isChinese, say, saidOf } from "./words.js";

const AT_ONCE = 3;
const LOOK_MS = 2000;
const LOOKS = 300;
const PICTURE_PX = 120;
const READ = new Set(["waiting", "verified", "filed", "refused", "duplicate", "destroyed"]);

const place = document.getElementById("drop");
const said = document.getElementById("said");
const list = document.getElementById("sending");
const bar = document.getElementById("bar");
const rows = new Map();
let batchId = place.dataset.batch || null;
let isBusy = false;

if (!canHash()) tell(say("station.no_hash"), true);

for (const kind of ["dragover", "drop"]) place.addEventListener(kind, (event) => event.preventDefault());
place.addEventListener("dragover", () => place.classList.add("over"));
place.addEventListener("dragleave", () => place.classList.remove("over"));
place.addEventListener("drop", async (event) => {
  place.classList.remove("over");
  begin(await filesOf(event.dataTransfer));
});
for (const input of place.querySelectorAll("input[type=file]")) {
  input.addEventListener("change", () => begin(inOrder([...input.files])));
}
addEventListener("beforeunload", (event) => isBusy && event.preventDefault());

function tell(text, isProblem = false) {
  said.textContent = text;
  said.classList.toggle("problem", isProblem);
}

async function begin(files) {
  if (isBusy || !files.length || !canHash()) return;
  isBusy = true;
  place.hidden = true;
  try {
    await send(files);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    tell(error.message, true);
  }
  isBusy = false;
}

async function send(files) {
  const scans = [];
  for (const [at, file] of files.entries()) {
    tell(say("station.hashing", { n: at + 1, of: files.length }));
    scans.push({ file, digest: await sha256(file) });
  }
  batchId ??= (await opened(files.length)).id;
  history.replaceState(null, "", `/batches/${batchId}`);
  const missing = numbered(scans, await persistently(() => call("GET", `/batches/${batchId}`), paused));
  drawAll(missing);
  document.querySelector("[data-live]").hidden = true; // the same batch, told twice
  let done = 0;
  bar.hidden = false;
  bar.max = missing.length;
  look();
  await inParallel(missing, async (scan) => {
    await sendOne(scan);
    bar.value = ++done;
    tell(say("station.sending", { n: done, of: missing.length }));
  });
  await seal(missing);
}

function opened(count) {
  const form = document.getElementById("order").elements;
  const order = {
    operator: place.dataset.operator, declared_files: Number(form.declared.value) || count, station_id: form.station.value,
    capture: { duplex: form.duplex.checked, software: "desk" },
  };
  const headers = { "Idempotency-Key": crypto.randomUUID() };
  return persistently(() => call("POST", "/batches", order, headers), paused);
}

// What has not arrived, each under a free number: so a folder dropped again after a break goes on where it stopped.
function numbered(scans, batch) {
  const arrived = new Map(batch.files.map((row) => [row.file_no, row.sha256]));
  const free = [...Array(batch.declared_files).keys()].map((at) => at + 1).filter((no) => !arrived.has(no));
  const hashes = [...arrived.values()];
  return scans.filter(({ digest }) => {
    const at = hashes.indexOf(hex(digest));
    if (at >= 0) hashes.splice(at, 1);
    return at < 0;
  }).map((scan) => ({ ...scan, no: free.shift() }));
}

async function sendOne(scan) {
  const row = rows.get(scan.file);
  if (scan.no === undefined) return row.say(say("station.too_many"), "refused");
  row.say(say("station.on_the_way"));
  try {
    const path = `/batches/${batchId}/files/${scan.no}`;
    const answer = await persistently(() => sendFile(path, scan.file, scan.digest), (error) => {
      row.say(say("station.again"));
      paused(error);
    });
    row.outcome(answer);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    row.refused(error.message);
  }
}

async function seal(scans) {
  try {
    await persistently(() => call("POST", `/batches/${batchId}/seal`, {}), paused);
    const refused = scans.filter((scan) => rows.get(scan.file).isRefused).length;
    tell(say(refused ? "station.sealed_some" : "station.sealed", { n: scans.length, r: refused }), refused > 0);
  } catch (error) {
    if (error.problem?.code !== "batch_incomplete") throw error;
    tell(say("station.incomplete", { n: error.problem.facts.missing_count, missing: error.problem.facts.missing.join(say("js.comma")) }), true);
    place.dataset.batch = batchId;
    place.hidden = false;
  }
  document.getElementById("after").hidden = false;
  document.getElementById("receipt").href = `/batches/${batchId}/receipt`;
  document.getElementById("batch").href = `/batches/${batchId}`;
}

const paused = (error) => tell(`${error.message} ${say("station.retrying")}`, true);

async function inParallel(scans, act) {
  const waiting = [...scans];
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    while (waiting.length) await act(waiting.shift());
  }));
}

// -- how each file fares

function drawAll(scans) {
  list.replaceChildren(...scans.map((scan) => {
    const row = new Row(scan);
    rows.set(scan.file, row);
    return row.line;
  }));
}

class Row {
  isRefused = false;
  isShown = false;

  constructor({ file, no }) {
    this.file = file;
    this.no = no;
    this.state = element("td", {}, say("station.waits"));
    this.advice = element("td", {});
    this.picture = element("td", { class: "picture" });
    this.line = element("tr", {}, element("td", { class: "number" }, String(no ?? "–")), this.picture, element("td", {}, file.name), this.state, this.advice);
  }

  say(text, kind = "") {
    this.state.replaceChildren(element("span", { class: `badge ${kind}` }, text));
  }

  outcome({ outcome, reason }) {
    if (outcome === "refused") return this.refused(isChinese ? reason.zh : reason.en);
    return this.say(saidOf("outcome", outcome), outcome);
  }

  refused(why) {
    this.isRefused = true;
    this.line.classList.add("wrong");
    this.say(saidOf("outcome", "refused"), "refused");
    this.advice.textContent = why;
    this.show();
  }

  // The picture itself, drawn by the browser or else by the archive: what was refused is seen, not only named.
  async show() {
    if (this.isShown) return;
    this.isShown = true;
    const picture = await createImageBitmap(this.file).catch(() => drawn(this.file));
    if (!picture) return this.picture.append(element("span", { class: "hint" }, say("station.no_picture")));
    const scale = PICTURE_PX / Math.max(picture.width, picture.height);
    const canvas = element("canvas", { width: Math.round(picture.width * scale), height: Math.round(picture.height * scale), role: "img", "aria-label": this.file.name });
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    this.picture.append(canvas);
  }

  stand(file) {
    if (this.isRefused || file.outcome === "refused") return;
    const lines = adviceOn(file);
    this.advice.replaceChildren(...lines.map((line) => element("div", { class: "advice" }, line)));
    if (file.state && READ.has(file.state)) this.say(lines.length ? say("station.look") : say("station.good"), lines.length ? "waiting" : "kept");
    if (lines.length) this.show();
  }
}

// PDF, TIFF and pictures that end early: the archive draws what there is of the first page, and keeps nothing.
async function drawn(file) {
  if (file.size === 0) return null;
  try {
    return await createImageBitmap(await (await lookAt("/files/glimpse", file)).blob());
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return null;
  }
}

export function adviceOn(file) {
  const refusal = file.later_refusal ?? file.parked;
  return [
    refusal && (isChinese ? refusal.zh : refusal.en),
    file.missing_side && say(`station.missing_${file.missing_side}`),
    file.is_unpaired && say("station.unpaired", { n: file.page_count }),
    ...file.advice.map(({ page_no, codes }) => `${say("js.page", { n: page_no })}${say("js.colon")}${codes.map((code) => saidOf("advice", code)).join(say("js.comma"))}`),
  ].filter(Boolean);
}

// Quality is told as soon as a page is read.
async function look() {
  for (let times = 0; times < LOOKS; times += 1) {
    await new Promise((done) => setTimeout(done, LOOK_MS));
    const receipt = await call("GET", `/batches/${batchId}/receipt`).catch(() => null);
    if (!receipt) continue;
    const byNo = new Map([...rows.values()].map((row) => [row.no, row]));
    for (const file of receipt.files) byNo.get(file.file_no)?.stand(file);
    if (receipt.state === "sealed" && receipt.files.every((file) => !file.state || READ.has(file.state) || file.parked)) return;
  }
}
