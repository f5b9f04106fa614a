import { getMetadataStorage, type ValidationArguments, ValidationTypes } from 'class-validator';

const { CUSTOM_VALIDATION, NESTED_VALIDATION, CONDITIONAL_VALIDATION, WHITELIST } = ValidationTypes;
/** Whoever needs another kind is left to class-validator. */
const KNOWN: readonly string[] = [CUSTOM_VALIDATION, NESTED_VALIDATION, CONDITIONAL_VALIDATION, WHITELIST];

type Rule = (value: unknown, object: object) => boolean;
type Metadata = ReturnType<ReturnType<typeof getMetadataStorage>['getTargetValidationMetadatas']>[number];

const compiled = new Map<unknown, ReadonlyMap<string, Rule> | undefined>();

/**
 * Whether class-validator would find nothing wrong, as the pipe of `validation.ts` asks it: unknown members refused, no
 * groups. It calls the same checks in the same order, read from the decorators once per class and not once per object. False also
 * says that it cannot be told here.
 */
export function isKnownGood(object: object): boolean {
  const rules = rulesOf(object.constructor);
  if (!rules || !Object.keys(object).every((name) => rules.has(name))) return false;
  for (const [name, isGood] of rules) {
    if (!isGood((object as Record<string, unknown>)[name], object)) return false;
  }
  return true;
}

/** Classes alone are remembered, and there are so many: a value that calls itself a constructor is the client's. */
function rulesOf(of: typeof Object.prototype.constructor): ReadonlyMap<string, Rule> | undefined {
  if (typeof of !== 'function') return undefined;
  if (!compiled.has(of)) compiled.set(of, compile(of));
  return compiled.get(of);
}

function compile(of: typeof Object.prototype.constructor): ReadonlyMap<string, Rule> | undefined {
  const storage = getMetadataStorage();
  const all = storage.getTargetValidationMetadatas(of, '', false, false);
  const areAsync = all.flatMap(constraintsOf).some(({ async }) => async);
  if (all.length === 0 || areAsync || !all.every(({ type }) => KNOWN.includes(type))) return undefined;
  const grouped = Object.entries(storage.groupByPropertyName(all));
  return new Map(grouped.map(([name, ofProperty]) => [name, ruleOf(ofProperty)]));
}

function ruleOf(metadatas: readonly Metadata[]): Rule {
  const ofType = (wanted: string) => metadatas.filter(({ type }) => type === wanted);
  const conditions = ofType(CONDITIONAL_VALIDATION).map(
    ({ constraints: [condition] }) => condition as (object: object, value: unknown) => boolean,
  );
  const checks = ofType(CUSTOM_VALIDATION).flatMap(checksOf);
  if (ofType(NESTED_VALIDATION).length > 0) checks.push(isNestedGood);
  return (value, object) =>
    !conditions.every((isMeant) => isMeant(object, value)) || checks.every((isGood) => isGood(value, object));
}

function checksOf(metadata: Metadata): Rule[] {
  const { propertyName: property, constraints, each, validateIf } = metadata;
  return constraintsOf(metadata).map(({ instance }) => {
    const checked: Rule = (value, object) => {
      const facts: ValidationArguments = { targetName: object.constructor.name, property, object, value, constraints };
      if (!each || !isCollection(value)) return instance.validate(value, facts) === true;
      return Array.isArray(value) && value.every((one) => instance.validate(one, facts) === true);
    };
    return validateIf ? (value, object) => !validateIf(object, value) || checked(value, object) : checked;
  });
}

function constraintsOf({ type, constraintCls }: Metadata) {
  return type === CUSTOM_VALIDATION ? getMetadataStorage().getTargetValidatorConstraints(constraintCls) : [];
}

function isNestedGood(value: unknown): boolean {
  if (value === undefined) return true;
  if (Array.isArray(value)) return value.every(isNestedGood);
  return value instanceof Object && !isCollection(value) && isKnownGood(value);
}

function isCollection(value: unknown): boolean {
  return Array.isArray(value) || value instanceof Set || value instanceof Map;
}
