/**
 * Nest 12 ships ES modules only, and jest's own ESM mode cannot load @nestjs/throttler (CommonJS that requires
 * them) before Node 24.9. So tests run the code as CommonJS, and the ESM-only packages are let through the transform.
 */
const esmOnly = [
  '@nestjs',
  'file-type',
  'strtok3',
  'token-types',
  'uint8array-extras',
  '@tokenizer',
  '@borewit',
  '@keyv',
  'keyv',
  'cache-manager',
  '@cacheable',
  'hookified',
];

const swc = [
  '@swc/jest',
  {
    swcrc: false,
    jsc: {
      parser: { syntax: 'typescript', decorators: true },
      transform: { legacyDecorator: true, decoratorMetadata: true, useDefineForClassFields: false },
      target: 'es2022',
    },
    module: { type: 'commonjs' },
  },
];

const shared = {
  testEnvironment: 'node',
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  moduleFileExtensions: ['ts', 'js', 'mjs', 'json', 'node'],
  transform: { '^.+\\.(t|j|mj)s$': swc },
  transformIgnorePatterns: [`/node_modules/(?!(${esmOnly.join('|')})/)`],
  // Container images are whole file systems, with packages of our own name in them.
  modulePathIgnorePatterns: ['<rootDir>/\\.local/'],
  setupFiles: ['<rootDir>/test/support/metadata.ts'],
  setupFilesAfterEnv: ['<rootDir>/test/support/story.ts'],
};

const project = (displayName, testMatch) => ({ ...shared, displayName, testMatch });

export default {
  // For machines that are busy: what is awaited has limits of its own.
  testTimeout: 30_000,
  projects: [
    project('unit', ['<rootDir>/src/**/*.spec.ts', '<rootDir>/tools/**/*.spec.ts']),
    project('integration', ['<rootDir>/test/integration/**/*.spec.ts']),
    project('contract', ['<rootDir>/test/contract/**/*.spec.ts']),
    project('architecture', ['<rootDir>/test/architecture/**/*.spec.ts']),
    project('e2e', ['<rootDir>/test/e2e/**/*.spec.ts']),
    project('resilience', ['<rootDir>/test/resilience/**/*.spec.ts']),
    project('browser', ['<rootDir>/test/browser/**/*.spec.ts']),
    project('pgbouncer', ['<rootDir>/test/pgbouncer/**/*.spec.ts']),
  ],
};
