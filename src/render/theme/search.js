// Search without a server: the texts of this site are folded as the server folds them, and looked through. They stand in the scripts that
// follow this one and hand them over here, the contents first: from a folder a page may run a script, and read no other file.
"use strict";

const live = document.getElementById("live");
const told = document.getElementById("told");
const list = document.getElementById("hits");
const field = document.getElementById("q");
const SHOWN = 50;

const texts = [];
let simplified = new Map();
let kinds = {};
let taken = 0;
let ready = false;

const take = {
  contents(contents) {
    const to = Array.from(contents.to);
    simplified = new Map(Array.from(contents.from).map((from, i) => [from, to[i]]));
    kinds = contents.kinds[live.dataset.lang];
    taken++;
  },
  texts(shard) {
    for (const text of shard) {
      texts.push({ ...text, label: kinds[text.kind] || text.kind, head: fold(text.title + " " + text.id).text, folded: fold(text.text) });
    }
    taken++;
  },
};

// The folded text, and for each of its characters the place of the original one.
function fold(text) {
  const folded = [];
  const origin = [];
  let at = 0;
  for (const character of text) {
    for (const part of character.normalize("NFKC").toLowerCase()) {
      const plain = simplified.get(part) || part;
      folded.push(plain);
      for (let unit = 0; unit < plain.length; unit++) origin.push(at);
    }
    at += character.length;
  }
  origin.push(at);
  return { text: folded.join(""), origin };
}

function count(text, word) {
  let found = 0;
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + word.length)) found++;
  return found;
}

function score(text, words) {
  let sum = 0;
  for (const word of words) {
    const head = count(text.head, word);
    const body = count(text.folded.text, word);
    if (head + body === 0) return 0;
    sum += head * 20 + Math.min(body, 10);
  }
  return sum;
}

function find(query) {
  const words = fold(query).text.split(/\s+/u).filter(Boolean);
  if (words.length === 0) return { words, hits: [] };
  const hits = texts.map((text) => ({ text, score: score(text, words) })).filter((hit) => hit.score > 0);
  const order = (a, b) => b.score - a.score || compare(b.text.date || "", a.text.date || "") || compare(a.text.id, b.text.id);
  return { words, hits: hits.sort(order) };
}

function compare(a, b) {
  return a < b ? -1 : a > b ? 1 : 0;
}

function element(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

// The text around the first word that was found, every word in it marked.
function snippet(text, words) {
  const made = element("p", "snippet");
  const { text: folded, origin } = text.folded;
  const first = Math.min(...words.map((word) => folded.indexOf(word)).filter((at) => at >= 0));
  const from = Number.isFinite(first) ? Math.max(0, first - 40) : 0;
  const until = Math.min(folded.length, from + 160);
  let at = from;
  if (from > 0) made.append("…");
  while (at < until) {
    const next = words.map((word) => ({ at: folded.indexOf(word, at), word })).filter((n) => n.at >= 0 && n.at < until);
    if (next.length === 0) break;
    const nearest = next.reduce((a, b) => (b.at < a.at || (b.at === a.at && b.word.length > a.word.length) ? b : a));
    const end = nearest.at + nearest.word.length;
    made.append(text.text.slice(origin[at], origin[nearest.at]));
    made.append(element("mark", "", text.text.slice(origin[nearest.at], origin[end])));
    at = end;
  }
  if (at < until) made.append(text.text.slice(origin[at], origin[until]));
  if (until < folded.length) made.append("…");
  return made;
}

function item(hit, words) {
  const text = hit.text;
  const made = element("li");
  const name = element("p", "name");
  const link = element("a", "", text.title);
  link.href = text.href;
  name.append(link);
  const foot = element("p", "faint", text.label + " ");
  foot.append(element("code", "id", text.id), " ", element("span", "date", text.date || ""));
  made.append(name, snippet(text, words), foot);
  return made;
}

function show(query) {
  list.replaceChildren();
  told.textContent = query.trim() ? live.dataset.searching : "";
  if (!query.trim() || !ready) return;
  if (taken < Number(live.dataset.files)) {
    told.textContent = live.dataset.failed;
    return;
  }
  const { words, hits } = find(query);
  const words_told = hits.length ? live.dataset.count.replace("{n}", hits.length) : live.dataset.none.replace("{query}", () => query);
  told.textContent = words_told;
  list.replaceChildren(...hits.slice(0, SHOWN).map((hit) => item(hit, words)));
}

let waiting = 0;
field.addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(() => show(field.value), 150);
});

field.value = new URLSearchParams(location.search).get("q") || "";
show(field.value);
// After the scripts above have run, or have failed to come.
document.addEventListener("DOMContentLoaded", () => {
  ready = true;
  show(field.value);
});
