// Settling doubtful fields: in the order of doubt, each beside its place on the page.
import { Refused, call } from "./api.js";
import { element } from "./dom.js";
import { say, saidOf } from "./words.js";
import { exitButtons } from "./verify_exits.js";
import { doubts, imageOf, loadFields, pageOf } from "./work.js";

const LONG = 24;
const CHECK_AFTER_MS = 250;

export class FieldsDesk {
  #work; #room; #doubts; #typed = new Map(); #decided = new Map(); #order = []; #at = 0; #last = null; #isSending = false;
  #judged = new Map(); #checkTimer = 0;

  constructor(work, room) {
    this.#work = work;
    this.#room = room;
    this.#doubts = doubts(work);
    this.keys = {
      KeyU: () => this.#settle("unreadable"),
      KeyP: () => this.#settle("not_printed"),
      KeyA: () => this.#accept(true),
      KeyB: () => this.#back(),
      Digit1: () => this.#take(0),
      Digit2: () => this.#take(1),
      Digit3: () => this.#take(2),
    };
    if (work.inFull) room.tell(say("verify.in_full"));
    this.#restore();
    this.#draw();
  }

  get #field() {
    return this.#doubts[this.#at];
  }

  // -- what is on the page

  #draw() {
    const { document } = this.#work;
    const head = element("div", { class: "desk-head" },
      element("h2", {}, saidOf("kind", document.kind)),
      element("a", { href: `/documents/${document.id}`, class: "quiet", target: "_blank" }, say("verify.open")));
    const list = element("ol", { class: "doubts" }, ...this.#doubts.map((field, at) => this.#row(field, at)));
    const end = this.#last ? this.#end() : null;
    this.#room.side.replaceChildren(...[head, list, end, this.#settled(), element("div", { class: "exits" }, ...exitButtons(this.#work, this.#room))].filter(Boolean));
    this.#look();
    const focused = end?.querySelector("button.main") ?? this.#room.side.querySelector(".open .value");
    focused?.focus();
    if (!end && focused?.select) focused.select();
  }

  #row(field, at) {
    const isOpen = at === this.#at && !this.#last;
    const decision = this.#decided.get(field);
    const state = decision?.state ?? "doubtful";
    const row = element("li", { class: `doubt ${isOpen ? "open" : ""} ${state}` });
    if (isOpen) {
      row.append(...this.#opened(field));
      return row;
    }
    const value = decision ? decision.value ?? field.value : this.#typed.get(field) ?? field.value;
    row.append(element("button", { type: "button", class: "row", onclick: () => this.#go(at) },
      element("span", { class: "name" }, this.#nameOf(field)),
      element("span", { class: "shown" }, gaveUp(state) ? "–" : value ?? "–"),
      element("span", { class: "badge" }, saidOf("field_state", state))));
    return row;
  }

  #opened(field) {
    const value = this.#typed.get(field) ?? this.#decided.get(field)?.value ?? field.value ?? "";
    const isLong = (field.value ?? "").length > LONG;
    const input = element(isLong ? "textarea" : "input", {
      id: "value", class: "value", autocomplete: "off", spellcheck: "false", "aria-describedby": "evidence",
      oninput: (event) => this.#type(field, event.target.value),
      onkeydown: (event) => this.#key(event),
    });
    input.value = value;
    if (isLong) input.rows = Math.min(8, Math.ceil(field.value.length / LONG) + 1);
    const evidence = element("div", { id: "evidence", "aria-live": "polite" }, ...this.#evidence(field));
    return [
      element("div", { class: "label" },
        element("label", { for: "value" }, this.#nameOf(field)),
        element("span", { class: "confidence" }, say("verify.confidence", { n: Math.round(field.confidence * 100) }))),
      input, evidence, this.#suggestions(field),
      element("div", { class: "marks" },
        mark("main", say("verify.accept"), "Enter", () => this.#accept()),
        mark("", say("verify.as_printed"), "Alt A", () => this.#accept(true)),
        mark("", say("verify.unreadable"), "Alt U", () => this.#settle("unreadable")),
        mark("", say("verify.not_printed"), "Alt P", () => this.#settle("not_printed")),
        this.#order.length ? mark("quiet", say("verify.back"), "Alt B", () => this.#back()) : ""),
    ];
  }

  // What was read, and what the checks say of what stands in the box.
  #evidence(field) {
    if (field.turn && !this.#judged.has(field)) return [element("p", { class: "unproven" }, say(`verify.turn_${field.turn}`))];
    const judged = this.#judged.get(field);
    const failed = judged?.failed ?? failedOf(field.checks);
    const raw = element("p", { class: "raw" }, element("span", {}, say("verify.raw")), " ", rawOf(field, this.#typed.get(field) ?? field.value));
    const kept = judged?.kept ? element("p", { class: "raw" }, say("verify.kept_as", { value: judged.kept })) : null;
    const doubt = judged ? element("p", { class: "proven" }, say("verify.checks_hold")) : element("p", { class: "unproven" }, say("verify.unproven"));
    const said = failed.length ? element("ul", { class: "failed" }, ...failed.map((name) => element("li", {}, saidOf("check", name)))) : doubt;
    return [raw, kept, said].filter(Boolean);
  }

  // What was typed before a login ended or the page was left.
  #restore() {
    for (const field of this.#doubts) {
      const text = this.#room.drafts.of(this.#work.document.id, field);
      if (text === null) continue;
      this.#type(field, text);
      this.#room.tell(say("verify.restored"));
    }
  }

  // The rules are asked again while a person types.
  #type(field, text) {
    this.#typed.set(field, text);
    this.#room.drafts.keep(this.#work.document.id, field, text);
    clearTimeout(this.#checkTimer);
    this.#checkTimer = setTimeout(() => this.#judge(field, text), CHECK_AFTER_MS);
  }

  async #judge(field, text) {
    if (!text.trim()) return;
    const answer = await call("POST", `${this.#place(field)}/check`, { value: text.trim() }).catch(() => null);
    if (!answer || this.#typed.get(field) !== text) return;
    this.#note(field, text.trim(), answer);
  }

  #note(field, text, { value, checks }) {
    this.#judged.set(field, { failed: failedOf(checks), kept: value && value !== text ? value : null });
    if (this.#field === field && !this.#last) this.#room.side.querySelector("#evidence")?.replaceChildren(...this.#evidence(field));
  }

  #suggestions(field) {
    const buttons = field.suggestions.slice(0, 3).map((text, at) =>
      mark("suggestion", text, `Alt ${at + 1}`, () => this.#take(at)));
    return buttons.length ? element("div", { class: "suggestions" }, element("span", {}, say("verify.suggestions")), ...buttons) : "";
  }

  #end() {
    return element("div", { class: "end" }, element("p", {}, say("verify.finish_lead")),
      element("div", { class: "marks" },
        mark("main", say("verify.finish"), "Enter", () => this.#finish()),
        mark("quiet", say("verify.back"), "Alt B", () => this.#back())));
  }

  #settled() {
    const rest = this.#work.fields.filter((field) => field.value && !this.#doubts.some((doubt) => isSame(doubt, field)));
    if (!rest.length) return null;
    const parts = this.#isOfParts ? this.#work.document.parts : [null];
    return element("section", { class: "settled" }, element("h3", {}, say("verify.settled")), ...parts.flatMap((part) => {
      const fields = rest.filter((field) => !part || field.part_no === part.part_no);
      const list = element("dl", {}, ...fields.flatMap((field) => [
        element("dt", {}, saidOf("field", field.name)), element("dd", {}, field.value)]));
      if (!fields.length) return [];
      return part ? [element("h4", {}, saidOf("kind", part.kind)), list] : [list];
    }));
  }

  get #isOfParts() {
    return this.#work.document.parts.length > 1;
  }

  // Of several papers in one file, each says which it is of: two of them may have a field of one name.
  #nameOf(field) {
    const part = this.#isOfParts && this.#work.document.parts.find((each) => each.part_no === field.part_no);
    return part ? `${saidOf("kind", part.kind)} · ${saidOf("field", field.name)}` : saidOf("field", field.name);
  }

  #look() {
    const field = this.#field;
    const pageNo = (this.#last ? null : field?.page_no) ?? this.#work.document.pages[0]?.page_no;
    if (!pageNo) return this.#room.viewer.clear();
    this.#room.viewer.show(imageOf(this.#work, pageNo), pageOf(this.#work, pageNo));
    this.#room.viewer.light(this.#last ? null : field?.box);
  }

  // -- what a person does

  #key(event) {
    if (event.isComposing || event.altKey || event.ctrlKey) return; // Enter ends a word of an input method first
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.#accept();
    } else if (event.key === "Tab") {
      const to = this.#undecided(event.shiftKey ? -1 : 1);
      if (to === null) return;
      event.preventDefault();
      this.#go(to);
    }
  }

  #undecided(step) {
    for (let at = this.#at + step; at >= 0 && at < this.#doubts.length; at += step) {
      if (!this.#decided.has(this.#doubts[at])) return at;
    }
    return null;
  }

  #go(at) {
    this.#last = null;
    this.#at = at;
    this.#draw();
  }

  #take(at) {
    const field = this.#field;
    if (this.#last || field?.suggestions[at] === undefined) return;
    this.#type(field, field.suggestions[at]);
    this.#draw();
  }

  #accept(asPrinted = false) {
    if (this.#last) return;
    const field = this.#field;
    const value = (this.#typed.get(field) ?? this.#decided.get(field)?.value ?? field.value ?? "").trim();
    if (!value) return this.#room.tell(say("verify.empty_value"), true);
    return value === field.value ? this.#settle("confirmed", null, asPrinted) : this.#settle("corrected", value, asPrinted);
  }

  // Sent at once, but for the last: that one files the document, so it waits for one more glance.
  async #settle(state, value = null, asPrinted = false) {
    if (this.#last || this.#isSending) return;
    clearTimeout(this.#checkTimer);
    const field = this.#field;
    const decision = { field, state, value, asPrinted };
    const isLast = this.#doubts.every((each) => each === field || this.#decided.has(each));
    if (!(await (isLast ? this.#holds(decision) : this.#send(decision)))) return;
    if (isLast) this.#last = decision;
    this.#decided.set(field, decision);
    if (!this.#order.includes(field)) this.#order.push(field);
    this.#room.tell(say("verify.saved_as", { name: this.#nameOf(field), state: saidOf("field_state", state) }));
    if (!isLast) this.#at = this.#undecided(1) ?? this.#doubts.findIndex((each) => !this.#decided.has(each));
    this.#draw();
  }

  // Whether the last decision would be taken, asked before it is sent.
  async #holds({ field, state, value, asPrinted }) {
    if (asPrinted || gaveUp(state)) return true;
    const text = value ?? field.value;
    const answer = await this.#attempt(field, value, () => call("POST", `${this.#place(field)}/check`, { value: text }));
    if (!answer) return false;
    const failed = failedOf(answer.checks);
    if (!failed.length) return true;
    this.#note(field, text, answer);
    this.#room.tell(fails(failed), true);
    return false;
  }

  #back() {
    if (this.#isSending) return;
    const field = this.#order.pop();
    if (!field) return;
    this.#last = null;
    const decision = this.#decided.get(field);
    if (decision?.value) this.#typed.set(field, decision.value);
    this.#decided.delete(field);
    this.#go(this.#doubts.indexOf(field));
  }

  async #finish() {
    if (this.#last && !this.#isSending && (await this.#send(this.#last))) this.#room.finished();
  }

  async #send({ field, state, value, asPrinted }) {
    const order = { state, value, as_printed: asPrinted, version: field.version };
    const answer = await this.#attempt(field, value, () => call("POST", `${this.#place(field)}/decision`, order));
    if (!answer) return false;
    field.version = answer.field.version;
    this.#room.drafts.forget(this.#work.document.id, field);
    for (const fresh of answer.rechecked) {
      const other = this.#doubts.find((each) => isSame(each, fresh));
      if (other) other.checks = fresh.checks;
    }
    return true;
  }

  async #attempt(field, value, act) {
    this.#isSending = true;
    try {
      return await act();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      await this.#refused(error, field, value);
      return null;
    } finally {
      this.#isSending = false;
    }
  }

  #place(field) {
    return `/documents/${this.#work.document.id}/fields/${field.part_no}/${encodeURIComponent(field.name)}`;
  }

  async #refused(error, field, value) {
    if (error.problem.code === "claimed_by_another" || error.problem.code === "wrong_state" || error.problem.code === "not_found") return this.#room.gone();
    if (error.problem.code === "checks_failed") {
      const { failed } = error.problem.facts;
      this.#judged.set(field, { failed, kept: null });
      this.#draw();
      return this.#room.tell(fails(failed), true);
    }
    if (error.problem.code !== "stale_version") return this.#room.tell(error.message, true);
    const mine = value ?? field.value;
    await loadFields(this.#work);
    const fresh = this.#work.fields.find((each) => isSame(each, field));
    Object.assign(field, fresh, { suggestions: [fresh.value, ...fresh.suggestions].filter(Boolean) });
    this.#last = null;
    if (mine) this.#typed.set(field, mine);
    this.#at = this.#doubts.indexOf(field);
    this.#draw();
    return this.#room.tell(say("verify.conflict", { theirs: fresh.value ?? saidOf("field_state", fresh.state) }), true);
  }
}

const rawOf = (field, shown) => {
  if (!field.text) return say("verify.nothing_read");
  return field.text === shown ? say("verify.same_as_read") : field.text;
};

const failedOf = (checks) => checks.filter((check) => !check.passed).map((check) => check.name);

const fails = (names) => say("verify.fails", { names: names.map((name) => saidOf("check", name)).join("；") });

const isSame = (one, other) => one.part_no === other.part_no && one.name === other.name;

const gaveUp = (state) => state === "unreadable" || state === "not_printed";

const mark = (kind, text, keys, act) => element("button", { type: "button", class: kind, onclick: act }, text, element("kbd", {}, keys));
