import { defineError } from '../../shared/errors.js';
import { runInContext } from '../telemetry/request-context.js';
import { problemBody, STATUS_OF } from './problem.js';

class Refused extends defineError('refused', 'declined', 'Refused') {}

describe('problemBody', () => {
  it('tells what happened, where, and under which id', () => {
    const body = runInContext({ requestId: 'r-1' }, () => problemBody(new Refused('No.'), { instance: '/v1/x' }));
    expect(body).toEqual({
      type: '/problems/refused',
      title: 'Refused',
      status: 402,
      code: 'refused',
      detail: 'No.',
      instance: '/v1/x',
      requestId: 'r-1',
    });
  });

  it('lets no extension overwrite a standard member', () => {
    const forged = {
      type: 'x',
      title: 'x',
      status: 200,
      code: 'x',
      detail: 'x',
      instance: 'x',
      requestId: 'x',
      more: 1,
    };
    const body = problemBody(new Refused('No.', forged), { instance: '/v1/x' });
    expect(body).toMatchObject({
      status: 402,
      code: 'refused',
      detail: 'No.',
      instance: '/v1/x',
      requestId: null,
      more: 1,
    });
  });

  it('answers every kind with an error', () => {
    for (const status of Object.values(STATUS_OF)) expect(status).toBeGreaterThanOrEqual(400);
  });
});
