/** Words in a variable's name that say its value is nobody's to read; arguments and variables can be read from the image. */
const SECRET = /SECRET|PASSWORD|TOKEN|API_KEY|CREDENTIAL/;
const PINNED = /^\S+:[\w.-]+@sha256:[0-9a-f]{64}$/;

/** @typedef {{ word: string, rest: string }} Instruction */
/** @typedef {{ base: string, name: string, instructions: Instruction[] }} Stage */

/**
 * What is wrong with a Dockerfile of this house: a sentence each.
 * @param {string} text @returns {string[]}
 */
export function complaintsAboutDockerfile(text) {
  const { args, stages } = parse(text);
  const bases = stages.map(({ base }) => base).filter((base) => !stages.some(({ name }) => name === base));
  const image = lineage(stages, stages.at(-1)?.name ?? '');
  return [
    ...bases
      .filter((base) => !PINNED.test(valueOf(base, args)))
      .map((base) => `the base ${base} is not pinned by tag and digest`),
    ...stages.flatMap(({ instructions }) => instructions.flatMap(aboutInstruction)),
    ...stages
      .filter(({ name, instructions }) => hasNoShell(stages, name) && instructions.some(({ word }) => word === 'RUN'))
      .map(({ name }) => `stage ${name} has no shell to RUN anything`),
    ...aboutImage(image),
  ];
}

/** @param {Instruction} instruction @returns {string[]} */
function aboutInstruction({ word, rest }) {
  const npm = word === 'RUN' ? /\bnpm (ci|install|i)\b/.exec(rest)?.[1] : undefined;
  return [
    word === 'ADD' && `ADD fetches and unpacks what it likes: COPY ${rest}`,
    npm && npm !== 'ci' && `npm ${npm} does not keep to the lock file`,
    npm && !rest.includes('--ignore-scripts') && `npm ${npm} without --ignore-scripts runs what packages bring`,
    ['ENV', 'ARG'].includes(word) && SECRET.test(rest) && `a secret can be read from the image: ${rest}`,
  ].filter((complaint) => typeof complaint === 'string');
}

/** What the image starts with, is asked with and runs as. @param {Instruction[]} instructions @returns {string[]} */
function aboutImage(instructions) {
  const all = (/** @type {string} */ wanted) =>
    instructions.filter(({ word }) => word === wanted).map(({ rest }) => rest);
  const last = (/** @type {string} */ wanted) => all(wanted).at(-1) ?? '';
  return [
    !/^[1-9]\d*(:[1-9]\d*)?$/.test(last('USER')) &&
      'it runs as root, or as a name Kubernetes cannot check: USER <number>',
    !isArray(last('CMD')) && 'CMD is not an array, so a shell would be process 1',
    !isArray(/CMD (.*)$/.exec(last('HEALTHCHECK'))?.[1] ?? '') && 'there is no HEALTHCHECK that runs an array',
    !/\bAPP_ENV=production\b/.test(all('ENV').join(' ')) && 'APP_ENV is not production by default',
  ].filter((complaint) => typeof complaint === 'string');
}

/** @param {string} text */
function parse(text) {
  const lines = text
    .replace(/^\s*#.*\n/gm, '')
    .replace(/\\\n/g, ' ')
    .split('\n')
    .filter((line) => line.trim());
  /** @type {Stage[]} */
  const stages = [];
  /** @type {Map<string, string>} */
  const args = new Map();
  for (const line of lines) {
    const [, word = '', rest = ''] = /^(\w+)\s+(.*)$/.exec(line.trim()) ?? [];
    const [, base = '', name = base] = /^(\S+)(?: AS (\S+))?$/i.exec(rest) ?? [];
    if (word === 'FROM') stages.push({ base, name, instructions: [] });
    else if (stages.length > 0) stages.at(-1)?.instructions.push({ word, rest: rest.replace(/\s+/g, ' ') });
    else if (word === 'ARG') args.set(rest.split('=')[0] ?? '', rest.slice(rest.indexOf('=') + 1));
  }
  return { args, stages };
}

/** Every instruction that made this stage, those of the stages it stands on first. @param {Stage[]} stages @param {string} name @returns {Instruction[]} */
function lineage(stages, name) {
  const stage = stages.find((one) => one.name === name);
  return stage ? [...lineage(stages, stage.base), ...stage.instructions] : [];
}

/** @param {Stage[]} stages @param {string} name @returns {boolean} */
function hasNoShell(stages, name) {
  const stage = stages.find((one) => one.name === name);
  return stage ? hasNoShell(stages, stage.base) : name === '${RUNTIME_IMAGE}';
}

/** @param {string} base @param {Map<string, string>} args */
function valueOf(base, args) {
  const name = /^\$\{(\w+)\}$/.exec(base)?.[1];
  return name ? (args.get(name) ?? '') : base;
}

/** @param {string} text */
function isArray(text) {
  try {
    return Array.isArray(JSON.parse(text));
  } catch {
    return false;
  }
}
