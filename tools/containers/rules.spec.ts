import { readFileSync } from 'node:fs';
import { load, YAML11_SCHEMA } from 'js-yaml';
import { environment } from '../../src/platform/config/config.schema.js';
import { complaintsAboutCompose } from './compose-rules.mjs';
import { complaintsAboutDockerfile } from './dockerfile-rules.mjs';

const dockerfile = readFileSync('Dockerfile', 'utf8');
const compose = readFileSync('docker-compose.yml', 'utf8');
const variables = new Set(Object.keys(environment.shape));

function aboutCompose(text: string): string[] {
  return complaintsAboutCompose(
    load(text, { schema: YAML11_SCHEMA }) as Parameters<typeof complaintsAboutCompose>[0],
    variables,
  );
}

/** The file with one thing changed; a change that changes nothing would prove nothing. */
function changed(text: string, from: string, to: string): string {
  expect(text).toContain(from);
  return text.replace(from, to);
}

it('our own files pass', () => {
  expect(complaintsAboutDockerfile(dockerfile)).toEqual([]);
  expect(aboutCompose(compose)).toEqual([]);
});

it.each<[string, [string, string], string]>([
  ['a base without a digest', [/@sha256:[0-9a-f]{64}/.exec(dockerfile)?.[0] ?? '', ''], 'not pinned'],
  ['ADD', ['COPY src src', 'ADD https://example.com/src.tar src'], 'ADD fetches'],
  ['install scripts', ['npm ci --ignore-scripts', 'npm ci'], '--ignore-scripts'],
  ['npm install', ['npm ci --ignore-scripts', 'npm install --ignore-scripts'], 'lock file'],
  ['a secret in the image', ['ARG GIT_SHA=unknown', 'ARG STRIPE_API_KEY=unknown'], 'a secret'],
  ['a command where no shell is', ['COPY package.json ./\nENV', 'COPY package.json ./\nRUN true\nENV'], 'no shell'],
  ['root', ['USER 65532:65532', 'USER 0'], 'as root'],
  ['a user by name', ['USER 65532:65532', 'USER nonroot'], 'as root'],
  [
    'a shell as process 1',
    [
      /^CMD .*main.js"\]$/m.exec(dockerfile.slice(dockerfile.lastIndexOf('EXPOSE')))?.[0] ?? '',
      'CMD node dist/src/main.js',
    ],
    'process 1',
  ],
  [
    'a health check through a shell',
    ['["/nodejs/bin/node", "dist/src/healthcheck.js"]', 'node dist/src/healthcheck.js'],
    'HEALTHCHECK',
  ],
  ['another environment', ['APP_ENV=production', 'APP_ENV=local'], 'not production'],
])('the Dockerfile may not have %s', (_what, [from, to], complaint) => {
  expect(complaintsAboutDockerfile(changed(dockerfile, from, to))).toContainEqual(expect.stringContaining(complaint));
});

it.each<[string, [string, string], string]>([
  ['one web server', ['replicas: 2', 'replicas: 1'], 'two of it'],
  ['another service', ['  sandbox:\n    <<', '  mailpit: { image: x }\n  sandbox:\n    <<'], 'they should be'],
  ['a writable file system', ['read_only: true', 'read_only: false'], 'read-only'],
  ['capabilities', ['cap_drop: [ALL]', 'cap_drop: []'], 'capabilities'],
  ['new privileges', ["security_opt: ['no-new-privileges:true']", 'security_opt: []'], 'privileges'],
  ['no init', ['init: true', 'init: false'], 'init'],
  ['a short grace', ['stop_grace_period: 30s', 'stop_grace_period: 10s'], 'to end'],
  ['a port for everybody', ['127.0.0.1:4010:4010', '4010:4010'], 'open to the network'],
  ['a tag that moves', [/@sha256:[0-9a-f]{64}/.exec(compose)?.[0] ?? '', ''], 'not pinned'],
  ['a variable nobody reads', ['APP_MODE: worker', 'APP_MODUS: worker'], 'does not read APP_MODUS'],
  ['production with public secrets', ['APP_ENV: local', 'APP_ENV: production'], 'not local'],
])('the compose file may not have %s', (_what, [from, to], complaint) => {
  expect(aboutCompose(changed(compose, from, to))).toContainEqual(expect.stringContaining(complaint));
});
