// The audit browser: the whole chain checked, when somebody asks for it.
import { Refused, call } from "./api.js";
import { say } from "./words.js";

const button = document.getElementById("verify");
const verified = document.getElementById("verified");

button.addEventListener("click", async () => {
  button.disabled = true;
  verified.className = "";
  verified.textContent = say("js.working");
  try {
    const { holds, seq } = await call("GET", "/audit/verification");
    verified.className = `notice ${holds ? "good" : "wrong"}`;
    verified.textContent = say(holds ? "audit.holds" : "audit.broken", { n: seq ?? "?" });
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    verified.textContent = error.message;
  } finally {
    button.disabled = false;
  }
});
