// What changes on a page while one looks at it. Everything is there without this script; it only stays fresh with it.

// A section that the server renders again whenever it has changed.
for (const section of document.querySelectorAll("[data-live]")) {
  const events = new EventSource(section.dataset.live);
  const show = (event) => {
    if (section.innerHTML !== event.data) section.innerHTML = event.data;
  };
  events.addEventListener("view", show);
  events.addEventListener("last", (event) => {
    show(event);
    events.close();
  });
}

// A log that grows at its end. After a broken connection it goes on where it was: the browser's own retry would
// begin at the first address again.
const MAX_LINES = 5000;
for (const log of document.querySelectorAll("[data-log]")) {
  const address = new URL(log.dataset.log, location.href);
  const follow = () => {
    const events = new EventSource(address);
    events.addEventListener("rows", (event) => {
      const atEnd = innerHeight + scrollY >= document.documentElement.scrollHeight - 40;
      log.insertAdjacentHTML("beforeend", event.data);
      while (log.childElementCount > MAX_LINES) log.firstElementChild.remove();
      address.searchParams.set("from", event.lastEventId);
      if (atEnd) scrollTo(0, document.documentElement.scrollHeight);
    });
    events.addEventListener("last", () => {
      events.close();
      location.reload();
    });
    events.addEventListener("error", () => {
      events.close();
      setTimeout(follow, 1000);
    });
  };
  follow();
}
