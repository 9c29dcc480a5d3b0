import { expect, test } from 'vitest';
import { filledIn } from './template.ts';

const PLACE = {
  listen: '198.18.0.2:8080',
  nodes: ['198.18.0.6:3001', '198.18.0.6:3002'],
  folder: '/run/feedbench',
  workers: 2,
  clients: 500,
  connections: 1000,
};

test('fills words in, and has a line for each node', () => {
  const template = 'listen {{listen}};\n\tserver node{{number}} {{node}} check\npid {{folder}}/pid; {{workers}}\n';
  expect(filledIn(template, PLACE)).toBe(
    [
      'listen 198.18.0.2:8080;',
      '\tserver node1 198.18.0.6:3001 check',
      '\tserver node2 198.18.0.6:3002 check',
      'pid /run/feedbench/pid; 2',
      '',
    ].join('\n'),
  );
});

test('a part stands only where its word has a value, within a line and over several', () => {
  const template =
    'listen {{listen}}{{#folder}} ssl{{/folder}}{{#other}} {{other}}{{/other}};\n{{#other}}\nkey {{other}}\n{{/other}}\nend';
  expect(filledIn(template, PLACE)).toBe('listen 198.18.0.2:8080 ssl;\n\nend');
});

test('a word that nothing stands for is a mistake of the file', () => {
  expect(() => filledIn('listen {{port}};', PLACE)).toThrow('{{port}}');
  expect(() => filledIn('{{number}}', PLACE)).toThrow('{{number}}');
});
