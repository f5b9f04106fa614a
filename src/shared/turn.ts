interface Waiting<Question, Answer> {
  readonly question: Question;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Gathers what is asked in one turn of the event loop and has it answered together: under load many requests ask at the
 * same moment, and a question to a server costs more for being sent and received than for what it asks. Alone, a question
 * waits for nobody.
 */
export class Turn<Question, Answer> {
  private waiting: Waiting<Question, Answer>[] = [];

  constructor(
    /** Answers all, in the order they were asked; when it fails, everybody is told. */
    private readonly answer: (questions: readonly Question[]) => Promise<readonly Answer[]>,
    /** More than these do not wait for the end of the turn. */
    private readonly max: number,
  ) {}

  ask(question: Question): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.waiting.length === 0) setImmediate(() => this.end());
      this.waiting.push({ question, resolve, reject });
      if (this.waiting.length >= this.max) this.end();
    });
  }

  private end(): void {
    const asked = this.waiting;
    if (asked.length === 0) return;
    this.waiting = [];
    this.answer(asked.map(({ question }) => question)).then(
      (answers) => asked.forEach(({ resolve }, index) => resolve(answers[index] as Answer)),
      (error: unknown) => asked.forEach(({ reject }) => reject(error)),
    );
  }
}
