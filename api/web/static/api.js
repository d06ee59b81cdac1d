// Talking to the API. A login that ends meanwhile is renewed in place, so that nothing typed is lost.
import { element } from "./dom.js";
import { isChinese, say } from "./words.js";

const API = "/api/v1";

export class Refused extends Error {
  constructor(problem) {
    super(isChinese ? problem.detail_zh : problem.detail);
    this.problem = problem;
  }
}

export async function call(method, path, body, headers) {
  const answer = await asked(method, API + path, body, headers);
  return answer.status === 204 ? null : answer.json();
}

// A piece of a page, made by the server.
export async function piece(path, body) {
  const answer = await asked("POST", path, body);
  return new DOMParser().parseFromString(await answer.text(), "text/html").body;
}

// Bytes with headers of their own, a file or a part of one.
export async function put(path, bytes, headers) {
  return (await asked("PUT", API + path, bytes, { "Content-Type": "application/octet-stream", ...headers })).json();
}

// A file to be looked at, of which nothing is kept.
export const look = (path, file) => asked("POST", API + path, file, { "Content-Type": "application/octet-stream" });

export async function asked(method, path, body, named = {}) {
  const answer = await sent(method, path, body, named);
  if (answer.ok) return answer;
  const problem = await answer.json().catch(() => ({ code: "unexpected", detail: "", detail_zh: "" }));
  if (answer.status === 401) {
    if (path === `${API}/sessions`) throw new Refused({ ...problem, detail: say("js.wrong_login"), detail_zh: say("js.wrong_login") });
    await logInAgain();
    return asked(method, path, body, named);
  }
  throw new Refused(problem);
}

async function sent(method, path, body, named) {
  const isFile = body instanceof Blob;
  const type = body === undefined ? {} : { "Content-Type": isFile ? "application/yaml" : "application/json" };
  const headers = { "X-Requested-With": "desk", ...type, ...named };
  try {
    return await fetch(path, { method, headers, body: body === undefined || isFile ? body : JSON.stringify(body) });
  } catch {
    throw new Refused({ code: "unreachable", detail: say("js.unreachable"), detail_zh: say("js.unreachable") });
  }
}

let renewing = null;

function logInAgain() {
  renewing ??= new Promise((done) => ask(done)).finally(() => (renewing = null));
  return renewing;
}

function ask(done) {
  const before = document.activeElement;
  const alert = element("p", { role: "alert", class: "problem" });
  const name = element("input", { name: "name", autocomplete: "username", required: true, "aria-label": say("js.again_name") });
  const password = element("input", {
    name: "password", type: "password", autocomplete: "current-password", required: true, "aria-label": say("js.again_password"),
  });
  const form = element("form", { method: "dialog", class: "card" },
    element("h2", {}, say("js.again_title")), element("p", { class: "lead" }, say("js.again_lead")),
    element("label", {}, say("js.again_name"), name), element("label", {}, say("js.again_password"), password),
    alert, element("button", { class: "main" }, say("js.again_submit")));
  const dialog = element("dialog", {}, form);
  dialog.addEventListener("cancel", (event) => event.preventDefault());
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    try {
      await call("POST", "/sessions", { name: name.value, password: password.value });
    } catch (error) {
      alert.textContent = error.message;
      return;
    }
    dialog.remove();
    before?.focus();
    done();
  });
  document.body.append(dialog);
  dialog.showModal();
}
