import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { html, jsonScript } from './html.ts';

test('whatever is put into a template is text, in content and in attributes', () => {
  expect(html`<p title="${'"><script>'}">${"<b>&'"}</p>`.text).toBe(
    '<p title="&quot;&gt;&lt;script&gt;">&lt;b&gt;&amp;&#39;</p>',
  );
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(html`${text}`.text).not.toMatch(/[<>"']/);
    }),
  );
});

test('templates nest, lists are joined, nothing is nothing', () => {
  const items = ['a', '<'].map((item) => html`<li>${item}</li>`);
  expect(html`<ul>${items}${undefined}${0}</ul>`.text).toBe('<ul><li>a</li><li>&lt;</li>0</ul>');
});

test('JSON in a script cannot end the script', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const { text } = jsonScript('id', [value, '</script><!--']);
      const json = text.slice(text.indexOf('>') + 1, text.lastIndexOf('</script>'));
      expect(json).not.toContain('<');
      expect(JSON.stringify(JSON.parse(json))).toBe(JSON.stringify([value, '</script><!--']));
    }),
  );
});
