// What is typed and not yet kept, in this tab only: it outlives a lost login and a reload, not the tab.
const BEGINS = "draft:";

export class Drafts {
  #prefix;

  constructor(userId) {
    this.#prefix = `${BEGINS}${userId}:`;
    for (const key of keys()) if (!key.startsWith(this.#prefix)) sessionStorage.removeItem(key); // somebody else's
  }

  keep(documentId, field, text) {
    sessionStorage.setItem(this.#key(documentId, field), text);
  }

  of(documentId, field) {
    return sessionStorage.getItem(this.#key(documentId, field));
  }

  forget(documentId, field) {
    sessionStorage.removeItem(this.#key(documentId, field));
  }

  #key(documentId, field) {
    return `${this.#prefix}${documentId}:${field.part_no}/${field.name}`;
  }
}

export function forgetAll() {
  for (const key of keys()) sessionStorage.removeItem(key);
}

const keys = () => Object.keys(sessionStorage).filter((key) => key.startsWith(BEGINS));
