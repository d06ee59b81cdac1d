// The questions that are not about a field: whose a document is, whether it is the same again, whether its person was told.
import { Refused, call } from "./api.js";
import { element } from "./dom.js";
import { exitButtons } from "./verify_exits.js";
import { say, saidOf } from "./words.js";
import { imageOf, pageOf } from "./work.js";
import { pageImage } from "./viewer.js";

export function whoseDesk(work, room) {
  showFirstPage(work, room);
  const input = element("input", { id: "whose", autocomplete: "off", required: true });
  const found = element("div", { class: "matches", role: "status", "aria-live": "polite" });
  const form = element("form", { class: "whose" }, element("label", { for: "whose" }, say("verify.whose_label")),
    input, element("button", { class: "main" }, say("verify.whose_find")));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const customers = await attempt(room, () => customersLike(input.value.trim()));
    if (!customers) return;
    found.replaceChildren(...customers.map((customer) => choice(work, room, customer)));
    if (!customers.length) found.textContent = say("verify.whose_none");
    found.querySelector("button")?.focus();
  });
  room.side.replaceChildren(element("h2", {}, say("verify.whose")), element("p", {}, say("verify.whose_lead")), form, found, ways(work, room));
  input.focus();
  return {};
}

function choice(work, room, customer) {
  if (customer.state === "ended") return closedFile(work, room, customer);
  return element("button", { type: "button", class: "choice", onclick: () => choose(work, room, customer) },
    ...told(customer), element("span", { class: "do" }, say("verify.whose_choose")));
}

const told = (customer) => [element("strong", {}, customer.name ?? "–"),
  element("span", {}, `${customer.code} · ${saidOf("customer_state", customer.state)}`)];

async function choose(work, room, customer, more = {}) {
  const order = { customer_id: customer.id, version: work.document.version, ...more };
  if (await attempt(room, () => call("POST", `/documents/${work.document.id}/customer`, order))) room.finished();
}

// The relationship has ended: the paper belongs into a new volume if the customer returned, else late into the closed one.
function closedFile(work, room, customer) {
  const card = element("form", { class: "card whose" }, ...told(customer),
    element("p", { class: "hint" }, say(room.isArchivist ? "verify.closed_lead" : "verify.closed_other", { day: customer.ended_on })));
  if (!room.isArchivist) return card;
  const today = new Date().toISOString().slice(0, 10);
  const day = element("input", { type: "date", required: true, min: customer.ended_on, max: today, value: today });
  card.append(element("label", {}, say("verify.returned_on"), day),
    element("button", { class: "main" }, say("verify.next_volume", { n: customer.volume_no + 1 })),
    element("button", { type: "button", onclick: () => choose(work, room, customer) }, say("verify.into_closed")));
  card.addEventListener("submit", (event) => {
    event.preventDefault();
    choose(work, room, customer, { next_volume: { reopened_on: day.value, version: customer.version } });
  });
  return card;
}

async function customersLike(text) {
  if (/^[0-9A-Z]{15}$|^[0-9A-Z]{17}[0-9A-Z]$/i.test(text)) return ofNumber(text.toUpperCase());
  if (/^[A-Z]+\d+$/i.test(text)) {
    return (await call("GET", `/customers?limit=20&code_prefix=${encodeURIComponent(text.toUpperCase())}`)).items;
  }
  const { hits } = await call("POST", "/search", { text, limit: 50 });
  const byId = new Map(hits.filter((hit) => hit.customer).map((hit) => [hit.customer.id, hit.customer]));
  return [...byId.values()];
}

async function ofNumber(number) {
  const purposes = number.length === 15 ? ["registration_number"] : ["credit_code", "id_number"];
  for (const purpose of purposes) {
    try {
      return [await call("POST", "/customers/lookup", { purpose, number })];
    } catch (error) {
      if (error.problem?.code !== "not_found") throw error;
    }
  }
  return [];
}

// What the clerk typed last stands there for the next person; that this one was told too, Enter says.
const said = { purpose: "", keeping: "" };

export function noticeDesk(work, room) {
  showFirstPage(work, room);
  const { customer_id: customerId } = work.document;
  const today = new Date().toISOString().slice(0, 10);
  const inputs = {
    purpose: element("input", { id: "purpose", required: true, maxlength: 500, value: said.purpose }),
    keeping: element("input", { id: "keeping", required: true, maxlength: 500, value: said.keeping }),
    given_on: element("input", { id: "given_on", type: "date", required: true, max: today, value: today }),
  };
  const form = element("form", { class: "whose" },
    ...Object.entries(inputs).flatMap(([name, input]) => [element("label", { for: name }, say(`verify.notice_${name}`)), input]),
    element("button", { class: "main" }, say("verify.notice_note")));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const order = Object.fromEntries(Object.entries(inputs).map(([name, input]) => [name, input.value.trim()]));
    if (!(await attempt(room, () => call("POST", `/customers/${customerId}/notices`, order)))) return;
    Object.assign(said, { purpose: order.purpose, keeping: order.keeping });
    room.finished();
  });
  room.side.replaceChildren(element("h2", {}, say("verify.notice")), element("p", {}, say("verify.notice_lead")),
    element("a", { href: `/customers/${customerId}`, target: "_blank" }, say("verify.notice_file")), form, ways(work, room));
  inputs[said.purpose ? "given_on" : "purpose"].focus();
  return {};
}

export function duplicateDesk(work, room) {
  const { document } = work;
  room.viewer.clear();
  const settle = async (isSame) => {
    const order = { is_same: isSame, version: document.version };
    if (await attempt(room, () => call("POST", `/documents/${document.id}/duplicate`, order))) room.finished();
  };
  const first = element("div", { class: "first" });
  const same = element("button", { type: "button", class: "main", onclick: () => settle(true) }, say("verify.is_same"));
  room.side.replaceChildren(element("h2", {}, say("verify.duplicate")), element("p", {}, say("verify.duplicate_lead")),
    element("div", { class: "marks" }, same,
      element("button", { type: "button", onclick: () => settle(false) }, say("verify.is_other"))),
    first, ways(work, room));
  same.focus();
  showOriginal(document.duplicate_of, first, room);
  return {};
}

// The bytes are the same, so the pages of the first are those of both. Of another region's nothing is shown.
async function showOriginal(documentId, place, room) {
  const original = await call("GET", `/documents/${documentId}`).catch(() => null);
  if (!original) return;
  const link = element("a", { href: `/documents/${documentId}`, target: "_blank" },
    `${say("verify.first_one")} · ${original.archival_code ?? documentId.slice(-8)}`);
  place.replaceChildren(element("h3", {}, link));
  const page = original.pages[0];
  if (page) room.viewer.show(pageImage(documentId, page.page_no, say("verify.first_one")), page);
}

function showFirstPage(work, room) {
  const page = work.document.pages[0];
  if (!page) return room.viewer.clear();
  return room.viewer.show(imageOf(work, page.page_no), pageOf(work, page.page_no));
}

const ways = (work, room) => element("div", { class: "exits" }, ...exitButtons(work, room));

async function attempt(room, act) {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    if (["wrong_state", "stale_version", "claimed_by_another"].includes(error.problem.code)) room.gone();
    else room.tell(error.message, true);
    return null;
  }
}
