// A file on its way into a batch: its hash, its bytes, and again after a lost connection. Sending twice is harmless.
import { Refused, put } from "./api.js";

const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 30_000;

// SHA-256 as hex; the browser has it on https and on this machine only.
export async function sha256(file) {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
}

export const canHash = () => globalThis.crypto?.subtle !== undefined;

export const hex = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");

export function sendFile(path, file, digest) {
  const headers = {
    "Content-Digest": `sha-256=:${btoa(String.fromCharCode(...digest))}:`,
    "X-File-Name": encodeURIComponent(file.name),
  };
  return put(path, file, headers);
}

// Again and again while the line or the server is away; `onPause` hears of each wait.
export async function persistently(act, onPause) {
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    try {
      return await act();
    } catch (error) {
      if (!(error instanceof Refused) || !mayPass(error.problem)) throw error;
      onPause(error);
      await new Promise((done) => setTimeout(done, pause));
    }
  }
}

const mayPass = (problem) => problem.code === "unreachable" || problem.code === "unexpected" || problem.retryable === true || problem.status >= 500;

// The files of what was dropped, folders opened, in the order of their names.
export async function filesOf(transfer) {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  const files = entries.length ? (await Promise.all(entries.map(under))).flat() : [...transfer.files];
  return inOrder(files);
}

export const inOrder = (files) =>
  files.filter((file) => !file.name.startsWith(".")).sort((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }));

async function under(entry) {
  if (entry.isFile) return [await new Promise((done, failed) => entry.file(done, failed))];
  const reader = entry.createReader();
  const found = [];
  for (;;) {
    const some = await new Promise((done, failed) => reader.readEntries(done, failed)); // a hundred at a time
    if (!some.length) break;
    found.push(...some);
  }
  return (await Promise.all(found.map(under))).flat();
}
