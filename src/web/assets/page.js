/**
 * Keeps an open page up to date without a reload. When the server announces a change, the page is fetched again and only
 * the parts with another text are exchanged. Open, selected, focused and scrolled parts stay as they are: a part that
 * holds the selection is exchanged when the selection is gone.
 */
const { events, version } = document.body.dataset;
const pollMs = 30_000;
let shownVersion = version;
let isFetching = false;
let isStale = false;
/** The text of each part as the server last sent it: browsers write markup back in a form of their own. */
const sent = new Map(partsOf(document).map((part) => [part.dataset.part, part.innerHTML]));

function partsOf(root) {
  return [...root.querySelectorAll('[data-part]')];
}

function notice(text) {
  const line = document.getElementById('notice');
  line.textContent = text;
  line.hidden = text === '';
}

/** The address of this page with the nodes that it shows now, so that newer nodes, on another page, do not replace them. */
function address() {
  const page = new URL(location.href);
  page.hash = '';
  const first = document.querySelector('[data-list="nodes"] details');
  if (first !== null && !page.searchParams.has('node'))
    page.searchParams.set('node', first.id.slice('node-'.length));
  return page;
}

async function refresh() {
  if (isFetching) {
    isStale = true;
    return;
  }
  isFetching = true;
  try {
    const response = await fetch(address(), { cache: 'no-cache' });
    if (response.ok) {
      const fresh = new DOMParser().parseFromString(await response.text(), 'text/html');
      apply(fresh);
      shownVersion = fresh.body.dataset.version;
      notice('');
    } else if (response.status === 403)
      notice(
        'This link has expired: what you see is no longer kept up to date. Write "page" in the thread for a new one.',
      );
    else notice('The bot cannot show this page right now; it is tried again.');
  } catch {
    notice('The bot does not answer; what you see may be old. It is tried again.');
  } finally {
    isFetching = false;
    if (isStale) {
      isStale = false;
      setTimeout(refresh, 500);
    }
  }
}

let waiting = null;

/** Exchanges the parts that differ, now or as soon as they do not hold the selection. */
function apply(fresh) {
  waiting = null;
  for (const list of fresh.querySelectorAll('[data-list]')) applyList(list);
  for (const part of partsOf(fresh)) {
    const { part: name } = part.dataset;
    const shown = document.querySelector(`[data-part="${name}"]`);
    if (shown === null || sent.get(name) === part.innerHTML) continue;
    if (holdsSelection(shown)) {
      waiting = fresh;
      continue;
    }
    sent.set(name, part.innerHTML);
    exchange(shown, part);
  }
  localTimes(document);
}

/** Adds and removes items by their id; others are not touched, so that an open one stays open. */
function applyList(fresh) {
  const shown = document.querySelector(`[data-list="${fresh.dataset.list}"]`);
  const ids = new Set([...fresh.children].map((item) => item.id));
  for (const item of [...shown.children]) if (!ids.has(item.id)) item.remove();
  let before = null;
  for (const item of fresh.children) {
    let own = document.getElementById(item.id);
    if (own === null) {
      own = document.importNode(item, true);
      for (const part of partsOf(own)) sent.set(part.dataset.part, part.innerHTML);
      shown.insertBefore(own, before === null ? shown.firstElementChild : before.nextElementSibling);
    } else if (own.className !== item.className) own.className = item.className;
    before = own;
  }
}

function exchange(shown, fresh) {
  const focused = shown.contains(document.activeElement) ? document.activeElement : null;
  const href = focused?.getAttribute('href');
  const isPartItself = focused === shown;
  shown.innerHTML = fresh.innerHTML;
  if (focused !== null && !isPartItself && href !== null)
    shown.querySelector(`a[href="${CSS.escape(href)}"]`)?.focus({ preventScroll: true });
}

function holdsSelection(part) {
  const selection = getSelection();
  return selection !== null && !selection.isCollapsed && selection.containsNode(part, true);
}

document.addEventListener('selectionchange', () => {
  if (waiting !== null && getSelection()?.isCollapsed) apply(waiting);
});

/** Listens for server-sent events; where they do not come through, polls every half minute. */
function listen() {
  const source = new EventSource(events);
  let polling = null;
  source.addEventListener('version', (event) => {
    if (polling !== null) clearInterval(polling);
    polling = null;
    if (event.data !== shownVersion) refresh();
    else notice('');
  });
  source.addEventListener('error', () => {
    // An open source reconnects by itself. A closed one was refused: too many readers, or the link has expired.
    if (source.readyState === EventSource.CLOSED && polling === null) {
      refresh();
      polling = setInterval(refresh, pollMs);
    }
  });
  addEventListener('pagehide', () => source.close());
  // The page comes back from the browser's cache, with a closed connection.
  addEventListener('pageshow', (event) => {
    if (event.persisted) location.reload();
  });
}

/** Opens the node that the address names and brings it into view; one on another page is fetched with its page. */
function openNamed() {
  const { hash } = location;
  if (!/^#node-\d+$/.test(hash)) return;
  const node = document.getElementById(hash.slice(1));
  const number = hash.slice('#node-'.length);
  if (node !== null) {
    node.open = true;
    node.scrollIntoView({ block: 'start' });
    node.querySelector('summary')?.focus({ preventScroll: true });
    return;
  }
  const other = new URL(location.href);
  if (other.searchParams.get('node') === number) return;
  other.searchParams.set('node', number);
  location.assign(other);
}

document.addEventListener('click', (event) => {
  const link = event.target.closest?.('a');
  const href = link?.getAttribute('href') ?? '';
  const [, hash] = /(#node-\d+)$/.exec(href) ?? [];
  if (hash === undefined || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
  if (document.getElementById(hash.slice(1)) === null) return;
  event.preventDefault();
  if (location.hash === hash) openNamed();
  else location.hash = hash;
});

/** Writes times in the reader's time zone. */
function localTimes(root) {
  for (const time of root.querySelectorAll('time')) {
    const at = new Date(time.dateTime);
    if (Number.isNaN(at.getTime()) || time.title !== '') continue;
    time.title = time.textContent;
    time.textContent = at.toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });
  }
}

localTimes(document);
addEventListener('hashchange', openNamed);
openNamed();
if (events !== undefined) listen();
