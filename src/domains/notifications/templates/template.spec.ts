import { defineTemplate } from './template.js';

const source = { subject: 'A subject', html: '<p>{{what}}</p>', text: '{{what}}', example: { what: 'it' } };

describe('a template', () => {
  it('refuses to be defined with a field its view does not have', () => {
    expect(() => defineTemplate({ ...source, html: '<p>{{whta}}</p>' })).toThrow('"whta" not defined');
    expect(() => defineTemplate({ ...source, text: '{{whta}}' })).toThrow('"whta" not defined');
  });

  it('refuses to be defined with a mistake in its language', () => {
    expect(() => defineTemplate({ ...source, html: '{{#if what}}' })).toThrow('Parse error');
  });

  it('refuses a link that is none', () => {
    expect(() => defineTemplate({ ...source, html: '{{href what}}' })).toThrow('Invalid URL');
  });

  it('escapes in HTML and leaves text as it is', () => {
    const { html, text } = defineTemplate(source).render({ name: null, what: '<b>&"' });
    expect(html).toContain('<p>&lt;b&gt;&amp;&quot;</p>');
    expect(text).toContain('<b>&"');
  });
});
