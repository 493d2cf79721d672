import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readXml } from './read-xml.ts';

const escapeXml = (text: string): string => text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);

describe('XML', () => {
  test('is read with attributes, prefixes, entities, CDATA and comments', () => {
    const root = readXml(`<?xml version="1.0" encoding="UTF-8"?>
<!-- a feed -->
<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>A &amp; B &#8211; &#x3b1;</title>
<arxiv:comment xmlns:arxiv='http://arxiv.org/schemas/atom'>9 pages &lt;draft&gt;</arxiv:comment>
<link title="pdf" href="http://arxiv.org/pdf/1?a=1&amp;b=2" /><x><![CDATA[<b> & co]]></x></entry></feed>`);
    const entry = root.children[0];
    expect(root.name).toBe('feed');
    expect(entry?.children.map(({ name, text }) => [name, text])).toEqual([
      ['title', 'A & B – α'],
      ['arxiv:comment', '9 pages <draft>'],
      ['link', ''],
      ['x', '<b> & co'],
    ]);
    expect(entry?.children[2]?.attributes).toEqual({ title: 'pdf', href: 'http://arxiv.org/pdf/1?a=1&b=2' });
  });

  test.each([
    ['', 'no element'],
    ['just text', 'no element'],
    ['<a>', 'does not end'],
    ['<a></b>', 'closes nothing'],
    ['</a>', 'closes nothing'],
    ['<a', 'no XML'],
    ['<a href=1/>', 'no XML'],
    ['<a b="<"/>', 'no XML'],
    ['<!DOCTYPE a [<!ENTITY x "xx">]><a>&x;</a>', 'no XML'],
    ['<!-- <a/>', 'no XML'],
    ['<a><![CDATA[', 'no XML'],
    ['<a>'.repeat(60), 'inside each other'],
    ['<html><br></html>', 'closes nothing'],
  ])('that is broken says so: %s', (xml, why) => {
    expect(() => readXml(xml)).toThrow(why);
  });

  test('keeps entities that nobody defined as they are', () => {
    expect(readXml('<a>&lol; &#x110000;</a>').text).toBe('&lol; &#x110000;');
  });

  test('gives back any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(readXml(`<a b="${escapeXml(text)}">${escapeXml(text)}</a>`)).toMatchObject({
          text,
          attributes: { b: text },
        });
      }),
    );
  });

  test('of any shape is read or refused in the time of its length', () => {
    const piece = fc.constantFrom(
      '<',
      '>',
      '/',
      'a',
      ' ',
      '="',
      '"',
      '&',
      ';',
      '<!--',
      '-->',
      '<![CDATA[',
      ']]>',
      '<?',
      '?>',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 200 }), (parts) => {
        try {
          readXml(parts.join(''));
        } catch (error) {
          expect((error as Error).message).toMatch(
            /no XML|does not end|closes nothing|inside each|no element/,
          );
        }
      }),
    );
    const start = performance.now();
    expect(() => readXml(`<a ${'b="" '.repeat(100_000)}`)).toThrow();
    expect(() => readXml('<a'.repeat(100_000))).toThrow();
    expect(performance.now() - start).toBeLessThan(2000);
  });
});
