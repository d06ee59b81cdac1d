// What the page says, as the server put it into the page.
const words = JSON.parse(document.getElementById("words").textContent);

export function say(key, facts = {}) {
  if (!(key in words)) throw new Error(`no words for ${key}`);
  return Object.entries(facts).reduce((text, [name, value]) => text.replace(`{${name}}`, value), words[key]);
}

// The word for a value; the value itself where it has none, as labels printed on a form.
export const saidOf = (group, name) => words[`${group}.${name}`] ?? name ?? "–";

export const isChinese = document.documentElement.lang === "zh-CN";
