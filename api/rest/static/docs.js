// "Try it" of the API's document: sends what a person typed, with the key that the person typed.
// The key stays in its field: nothing is stored, and no cookie is sent. The page reads the same without this.
"use strict";

const key = document.getElementById("key");

function filled(form, place) {
  return [...form.querySelectorAll(`[data-in="${place}"]`)]
    .filter((field) => field.value !== "")
    .map((field) => [field.name, field.value]);
}

function request(form) {
  let path = form.dataset.path;
  for (const [name, value] of filled(form, "path")) path = path.replace(`{${name}}`, encodeURIComponent(value));
  const query = new URLSearchParams(filled(form, "query")).toString();
  const headers = Object.fromEntries(filled(form, "header"));
  if (key.value) headers.Authorization = `Bearer ${key.value.trim()}`;
  const text = form.querySelector("textarea");
  const file = form.querySelector("input[type=file]");
  let body;
  if (text && text.value) {
    body = text.value;
    headers["Content-Type"] = text.dataset.media;
  } else if (file && file.files.length) {
    [body] = file.files;
    headers["Content-Type"] = form.querySelector("[data-media-choice]").value;
  }
  const address = query ? `${path}?${query}` : path;
  return [address, { method: form.dataset.method, headers, body, credentials: "omit", cache: "no-store", redirect: "error" }];
}

async function readable(answer) {
  const media = answer.headers.get("Content-Type") || "";
  if (!/json|text|xml/.test(media)) return `${media} (${(await answer.blob()).size} bytes)`;
  const text = await answer.text();
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

async function send(event) {
  event.preventDefault();
  const form = event.target;
  const shown = form.querySelector("output");
  const button = form.querySelector("button");
  const line = document.createElement("p");
  const body = document.createElement("pre");
  body.tabIndex = 0;
  button.disabled = true;
  try {
    const [address, options] = request(form);
    const answer = await fetch(address, options);
    line.textContent = `${options.method} ${address}: ${answer.status}`;
    body.textContent = await readable(answer);
  } catch (error) {
    line.className = "failed";
    line.textContent = String(error);
  } finally {
    button.disabled = false;
  }
  shown.replaceChildren(line, ...(body.textContent ? [body] : []));
}

for (const part of document.querySelectorAll(".try, .key")) part.hidden = false;
key.form.addEventListener("submit", (event) => event.preventDefault());
for (const form of document.querySelectorAll(".try form")) form.addEventListener("submit", send);
