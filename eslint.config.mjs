import tseslint from 'typescript-eslint';

const environmentOnly = {
  object: 'process',
  property: 'env',
  message: 'Configuration is read in src/platform/config and nowhere else.',
};

export default tseslint.config(
  { ignores: ['dist', 'node_modules', '.local', 'coverage', '**/*.cjs'] },
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/consistent-type-imports': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      '@typescript-eslint/no-extraneous-class': 'off',
      '@typescript-eslint/require-await': 'off',
      'max-lines': ['error', { max: 250, skipBlankLines: false, skipComments: false }],
      'max-lines-per-function': ['error', { max: 40, skipBlankLines: true, skipComments: true }],
      'no-restricted-syntax': [
        'error',
        { selector: 'FunctionDeclaration[params.length>3]', message: 'At most three parameters; then an object.' },
        // Express knows an error handler by its four parameters.
        {
          selector: 'ArrowFunctionExpression[params.length>3]:not([params.0.name="error"])',
          message: 'At most three parameters; then an object.',
        },
        {
          selector: 'MethodDefinition[kind!="constructor"] > FunctionExpression[params.length>3]',
          message: 'At most three parameters; then an object.',
        },
        {
          selector: 'MethodDefinition[kind="constructor"] > FunctionExpression[params.length>6]',
          message: 'At most six dependencies; then split by verb.',
        },
      ],
      'no-console': 'error',
    },
  },
  {
    files: ['src/**/*.ts'],
    ignores: ['src/platform/config/**', 'src/main.ts', 'src/healthcheck.ts'],
    rules: { 'no-restricted-properties': ['error', environmentOnly] },
  },
  {
    // Tables of decorated parameters: a route's inputs, a constructor's dependencies.
    files: ['src/**/*.controller.ts'],
    rules: { 'no-restricted-syntax': 'off' },
  },
  {
    // SQL is one statement however long it is.
    files: ['migrations/**/*.ts'],
    rules: { 'max-lines-per-function': 'off' },
  },
  {
    files: ['test/**/*.ts', '**/*.spec.ts'],
    rules: {
      'max-lines-per-function': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
    },
  },
);
