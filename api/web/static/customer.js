// The customer file: numbers shown in full for a purpose.
import { Refused, call } from "./api.js";
import { say } from "./words.js";

const { customer } = document.getElementById("customer").dataset;
const reveal = document.getElementById("reveal");

reveal?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const status = reveal.querySelector("[role=status]");
  try {
    const { entries } = await call("POST", `/customers/${customer}/reveal`, { purpose: reveal.elements.purpose.value });
    const values = entries.flatMap((entry) => [entry.latest, ...entry.differing]).map((field) => field.value);
    const places = [...document.querySelectorAll("[data-value]")];
    if (places.length !== values.length) return location.reload(); // a record was filed meanwhile
    places.forEach((place, at) => (place.textContent = values[at]));
    status.textContent = say("customers.revealed");
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    status.textContent = error.message;
  }
});
