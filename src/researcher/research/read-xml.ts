/** An element of an XML text. `text` is its own text and that of its children, entities decoded, in document order. */
export interface XmlElement {
  /** As written, prefix included: `arxiv:primary_category`. */
  name: string;
  attributes: Record<string, string>;
  children: XmlElement[];
  text: string;
}

const maxDepth = 50;
const markup =
  /<!--[\s\S]*?-->|<\?[\s\S]*?\?>|<!\[CDATA\[([\s\S]*?)\]\]>|<(\/?)([\p{L}_][\p{L}\p{N}._:-]*)((?:\s+[\p{L}_][\p{L}\p{N}._:-]*\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>/uy;

/**
 * Reads the XML that feeds are made of. Document types are refused, so no entity can be defined, and nothing grows.
 * @throws Error saying where the text stops being XML
 */
export function readXml(xml: string): XmlElement {
  const top: XmlElement = { name: '', attributes: {}, children: [], text: '' };
  const open = [top];
  const addText = (text: string): void => {
    for (const element of open) element.text += text;
  };
  let at = xml.startsWith('\ufeff') ? 1 : 0;
  while (at < xml.length) {
    const next = xml.indexOf('<', at);
    addText(decodeEntities(xml.slice(at, next < 0 ? xml.length : next)));
    if (next < 0) break;
    markup.lastIndex = next;
    const found = markup.exec(xml);
    if (found === null) throw new Error(`no XML at character ${next}`);
    at = markup.lastIndex;
    const [, cdata, closes, name, attributes = '', isEmpty] = found;
    if (cdata !== undefined) addText(cdata);
    if (name === undefined) continue;
    if (closes === '/') {
      if (open.length === 1 || open.pop()?.name !== name)
        throw new Error(`</${name}> closes nothing at character ${next}`);
      continue;
    }
    const element: XmlElement = { name, attributes: readAttributes(attributes), children: [], text: '' };
    open.at(-1)?.children.push(element);
    if (isEmpty === '/') continue;
    if (open.push(element) > maxDepth) throw new Error('too many elements inside each other');
  }
  const [root] = top.children;
  if (open.length > 1) throw new Error(`<${open.at(-1)?.name}> does not end`);
  if (root === undefined) throw new Error('no element');
  return root;
}

function readAttributes(text: string): Record<string, string> {
  const pairs = text.matchAll(/([^\s=]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g);
  return Object.fromEntries([...pairs].map(([, name, a, b]) => [name, decodeEntities(a ?? b ?? '')]));
}

const named: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function decodeEntities(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([0-9a-fA-F]{1,6})|(\w+));/g, (whole, decimal, hex, name) => {
    if (name !== undefined) return named[name] ?? whole;
    const code = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}
