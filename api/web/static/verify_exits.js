// The two ways out of a document that cannot be settled here: aside for somebody else, or back to the station.
import { Refused, call } from "./api.js";
import { element } from "./dom.js";
import { say, saidOf } from "./words.js";

export function exitButtons(work, room) {
  return [
    exit(say("verify.set_aside"), "Alt N", () => setAside(work, room)),
    exit(say("verify.send_back"), "Alt R", () => sendBack(work, room)),
    exit(say("verify.skip"), "Alt S", () => room.skip()),
  ];
}

const exit = (text, keys, act) =>
  element("button", { type: "button", class: "quiet", onclick: act }, text, element("kbd", {}, keys));

export function setAside(work, room) {
  const note = element("textarea", { name: "note", rows: 4, maxlength: 1000, required: true });
  ask(say("verify.set_aside"), say("verify.set_aside_lead"), element("label", {}, say("verify.note"), note), async () => {
    await call("PUT", `/documents/${work.document.id}/set-aside`, { note: note.value });
    room.left(say("verify.was_set_aside"));
  });
}

export function sendBack(work, room) {
  const reasons = room.reasons.map((reason) => element("option", { value: reason }, saidOf("rescan_reason", reason)));
  const chosen = element("select", { name: "reason", size: reasons.length }, ...reasons);
  chosen.selectedIndex = 0;
  ask(say("verify.send_back"), say("verify.send_back_lead"), element("label", {}, say("verify.rescan_reason"), chosen), async () => {
    const order = { reason: chosen.value, version: work.document.version };
    await call("POST", `/documents/${work.document.id}/send-back`, order);
    room.left(say("verify.was_sent_back"));
  });
}

function ask(title, lead, label, act) {
  const before = document.activeElement;
  const alert = element("p", { role: "alert", class: "problem" });
  const form = element("form", { method: "dialog", class: "card" }, element("h2", {}, title), element("p", { class: "lead" }, lead),
    label, alert, element("div", { class: "marks" }, element("button", { class: "main" }, say("verify.do_it")),
      element("button", { type: "button", onclick: () => close() }, say("verify.leave_it"))));
  const dialog = element("dialog", { "aria-label": title }, form);
  const close = () => {
    dialog.remove();
    before?.focus();
  };
  dialog.addEventListener("close", close);
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing || event.target.tagName === "BUTTON") return;
    event.preventDefault();
    form.requestSubmit();
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      await act();
      dialog.remove();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      alert.textContent = error.message;
    }
  });
  document.body.append(dialog);
  dialog.showModal();
}
