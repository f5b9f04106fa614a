import { Turn } from './turn.js';

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

/** Answers with the square, and remembers what was asked together. */
function squares(max = 100) {
  const asked: number[][] = [];
  const turn = new Turn<number, number>((numbers) => {
    asked.push([...numbers]);
    return Promise.resolve(numbers.map((number) => number * number));
  }, max);
  return { turn, asked };
}

it('has what is asked in one turn answered together, each its own', async () => {
  const { turn, asked } = squares();
  expect(await Promise.all([turn.ask(2), turn.ask(3), turn.ask(2)])).toEqual([4, 9, 4]);
  await nextTurn();
  expect(await turn.ask(5)).toBe(25);
  expect(asked).toEqual([[2, 3, 2], [5]]);
});

it('does not let more than so many wait for the end of the turn', async () => {
  const { turn, asked } = squares(2);
  expect(await Promise.all([1, 2, 3, 4, 5].map((number) => turn.ask(number)))).toEqual([1, 4, 9, 16, 25]);
  expect(asked).toEqual([[1, 2], [3, 4], [5]]);
});

it('tells everybody of a failure, and nobody after them', async () => {
  let fails = true;
  const turn = new Turn<number, number>(
    (numbers) => (fails ? Promise.reject(new Error('down')) : Promise.resolve(numbers)),
    9,
  );
  const ends = await Promise.allSettled([turn.ask(1), turn.ask(2)]);
  expect(ends.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  fails = false;
  expect(await turn.ask(3)).toBe(3);
});
