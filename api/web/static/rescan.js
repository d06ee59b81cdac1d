// A better scan of one file of a batch. The table is drawn anew while one looks, so the page listens, not its parts.
import { Refused } from "./api.js";
import { canHash, persistently, sendFile, sha256 } from "./sending.js";
import { isChinese, say } from "./words.js";

document.addEventListener("change", async ({ target: input }) => {
  const { rescan: path, file: no } = input.dataset;
  const file = input.files?.[0];
  if (!path || !file) return;
  const tell = (text) => (document.getElementById(`said-${no}`).textContent = text);
  if (!canHash()) return tell(say("station.no_hash"));
  tell(say("js.working"));
  try {
    const digest = await sha256(file);
    const row = await persistently(() => sendFile(path, file, digest), (error) => tell(error.message));
    if (row.outcome !== "refused") return location.reload();
    tell(isChinese ? row.reason.zh : row.reason.en);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    tell(error.message);
  }
});
