// What changes on a page while one looks at it. Everything is there without this script; it only stays fresh with it.

document.documentElement.classList.add("js");

// A section that the server renders again whenever it has changed. Only what differs is touched, so that nothing is pulled
// from under a pointer, a focus or a reader.
for (const section of document.querySelectorAll("section[data-live]:not(#log)")) {
  const show = (event) => {
    const fresh = document.createElement("template");
    fresh.innerHTML = event.data;
    become(section, fresh.content);
    section.dispatchEvent(new Event("changed"));
  };
  whileVisible(() => {
    const events = new EventSource(section.dataset.live);
    events.addEventListener("view", show);
    events.addEventListener("last", (event) => {
      show(event);
      events.close();
    });
    return events;
  });
}

// A browser has six connections to one server, for all of its tabs together: only what can be seen keeps one. `open` begins
// a stream, also anew when the page comes back into sight.
export function whileVisible(open) {
  let events = null;
  const close = () => {
    events?.close();
    events = null;
  };
  const follow = () => {
    if (document.hidden) close();
    else events ??= open();
  };
  document.addEventListener("visibilitychange", follow);
  addEventListener("pagehide", close);
  addEventListener("pageshow", follow);
  follow();
}

// Makes the children of one node like those of another.
export function become(shown, wanted) {
  const fresh = [...wanted.childNodes];
  fresh.forEach((node, at) => {
    const old = shown.childNodes[at];
    if (!old) shown.append(node);
    else if (old.nodeName !== node.nodeName || old.id !== node.id) old.replaceWith(node);
    else if (node.nodeType === Node.ELEMENT_NODE) {
      if (old.isEqualNode(node)) return;
      attributes(old, node);
      become(old, node);
    } else if (old.data !== node.data) old.data = node.data;
  });
  while (shown.childNodes.length > fresh.length) shown.lastChild.remove();
}

function attributes(shown, wanted) {
  for (const { name } of [...shown.attributes]) {
    // What a person opened or closed stays so.
    if (!wanted.hasAttribute(name) && !(shown.nodeName === "DETAILS" && name === "open")) shown.removeAttribute(name);
  }
  for (const { name, value } of wanted.attributes) {
    if (shown.nodeName === "DETAILS" && name === "open") continue;
    if (shown.getAttribute(name) !== value) shown.setAttribute(name, value);
  }
}

// A filter takes effect when it is set.
for (const form of document.querySelectorAll("form[data-auto]")) {
  form.addEventListener("change", () => form.requestSubmit());
  // Fields that say nothing stay out of the address.
  form.addEventListener("formdata", (event) => {
    for (const [name, value] of [...event.formData]) if (value === "") event.formData.delete(name);
  });
}

// Times go on.
export function duration(millis) {
  if (millis < 1000) return `${Math.max(0, Math.round(millis))} ms`;
  if (millis < 60_000) return `${(millis / 1000).toFixed(1)} s`;
  const seconds = Math.floor(millis / 1000);
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  const two = (number) => String(number).padStart(2, "0");
  return hours > 0 ? `${hours} h ${two(minutes)} min` : `${minutes} min ${two(seconds % 60)} s`;
}

function ago(millis) {
  const seconds = millis / 1000;
  if (seconds < 60) return "just now";
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`;
  return `${Math.floor(seconds / 86_400)} d ago`;
}

setInterval(() => {
  if (document.hidden) return;
  const now = Date.now();
  for (const clock of document.querySelectorAll("[data-since]")) {
    clock.textContent = duration(Math.floor((now - clock.dataset.since) / 1000) * 1000);
  }
  for (const time of document.querySelectorAll("time[data-at]")) {
    const said = ago(now - time.dataset.at);
    if (time.textContent !== said) time.textContent = said;
  }
}, 1000);
