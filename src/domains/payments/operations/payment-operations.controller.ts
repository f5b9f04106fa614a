import { Body, Controller, HttpCode, Post, Res } from '@nestjs/common';
import { ApiAcceptedResponse, ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { PaymentInProgress } from '../../../contracts/payment-errors.js';
import { may } from '../../../contracts/permissions.js';
import type { Principal } from '../../../contracts/roles.js';
import { Forbidden } from '../../../platform/auth/auth.errors.js';
import { CurrentUser } from '../../../platform/auth/current-user.decorator.js';
import { Requires, SensitiveRoute } from '../../../platform/auth/route-access.js';
import { hashOf, IdempotencyKeyReused, RequestInProgress } from '../../../platform/database/idempotency.js';
import { ApiProblems } from '../../../platform/http/api-problems.decorator.js';
import { IdParam } from '../../../platform/http/id-param.js';
import { IdempotencyKey } from '../../../platform/http/idempotency-key.decorator.js';
import { sendReply } from '../../../platform/http/reply.js';
import { InvalidRequest } from '../../../shared/errors.js';
import * as problems from '../payment.errors.js';
import { PaymentView, viewPayment } from '../payment.view.js';
import { PAYMENT_LIFE } from '../payment-status.js';
import { PaymentsRepository } from '../payments.repository.js';
import { CapturePayment, ConfirmPayment } from './operations.dto.js';
import { PaymentCancellationService } from './payment-cancellation.service.js';
import { PaymentCaptureService } from './payment-capture.service.js';
import { PaymentConfirmationService } from './payment-confirmation.service.js';

const CAPTURE = 'POST /v1/payments/:id/capture';
const CONFIRM = 'POST /v1/payments/:id/confirm';

/** What is done to a payment after it was opened. */
@ApiTags('payments')
@ApiBearerAuth()
@SensitiveRoute()
@Controller('payments/:id')
export class PaymentOperationsController {
  constructor(
    private readonly payments: PaymentsRepository,
    private readonly cancellation: PaymentCancellationService,
    private readonly captures: PaymentCaptureService,
    private readonly confirmation: PaymentConfirmationService,
  ) {}

  @Post('cancel')
  @Requires('payments.make', 'payments.cancel-any')
  @HttpCode(200)
  @ApiOperation({ summary: 'Cancel a payment that is not captured', description: 'Voids an authorisation.' })
  @ApiOkResponse({ type: PaymentView })
  @ApiAcceptedResponse({ type: PaymentView, description: 'The provider did not answer; ask `Location`.' })
  @ApiProblems(problems.PaymentNotFound, PaymentInProgress, problems.PaymentNotCancellable)
  async cancel(
    @CurrentUser() user: Principal,
    @IdParam('id') id: string,
    @Res({ passthrough: true }) response: Response,
  ): Promise<PaymentView> {
    const payment = await this.payments.get(id);
    const isTheirs = payment.userId === user.id;
    if (!isTheirs && !may(user, 'payments.cancel-any')) throw new problems.PaymentNotFound(id);
    const ended = await this.cancellation.cancel(payment, { isAct: !isTheirs });
    if (PAYMENT_LIFE[ended.status] === 'captured') throw new problems.PaymentNotCancellable(ended.status);
    if (PAYMENT_LIFE[ended.status] === 'live') response.status(202).location(`/v1/payments/${id}`);
    return viewPayment(ended);
  }

  @Post('capture')
  @Requires('payments.capture')
  @ApiOperation({ summary: 'Capture an authorised payment', description: 'All or a part, once; completes the order.' })
  @ApiOkResponse({ type: PaymentView })
  @ApiAcceptedResponse({
    type: PaymentView,
    description: 'Not known yet: ask `Location`, or repeat with the same key.',
  })
  @ApiProblems(Forbidden, InvalidRequest, problems.PaymentNotFound, problems.PaymentNotCapturable)
  @ApiProblems(problems.CaptureExceedsAuthorized, problems.AmountNotChargeable, IdempotencyKeyReused, RequestInProgress)
  async capture(
    @CurrentUser() user: Principal,
    @IdParam('id') id: string,
    @IdempotencyKey() key: string,
    @Body() command: CapturePayment,
    @Res() response: Response,
  ): Promise<void> {
    const requestHash = hashOf({ endpoint: CAPTURE, params: { id }, body: command });
    const request = { userId: user.id, endpoint: CAPTURE, key, requestHash };
    const reply = await this.captures.capture(id, request, command.amount);
    if (reply.status === 202) response.location(`/v1/payments/${id}`);
    // Nothing is created here: the answer every key of this payment gets is stored as the payment's own 201.
    sendReply(response, { ...reply, status: reply.status === 201 ? 200 : reply.status });
  }

  @Post('confirm')
  @Requires('payments.confirm')
  @ApiOperation({ summary: 'Confirm that a transfer or cash arrived' })
  @ApiOkResponse({ type: PaymentView })
  @ApiProblems(Forbidden, InvalidRequest, problems.PaymentNotFound, problems.PaymentNotAwaiting, problems.AmountDiffers)
  @ApiProblems(problems.ReferenceUsed, IdempotencyKeyReused, RequestInProgress)
  async confirm(
    @CurrentUser() user: Principal,
    @IdParam('id') id: string,
    @IdempotencyKey() key: string,
    @Body() command: ConfirmPayment,
    @Res() response: Response,
  ): Promise<void> {
    const requestHash = hashOf({ endpoint: CONFIRM, params: { id }, body: command });
    const request = { userId: user.id, endpoint: CONFIRM, key, requestHash };
    sendReply(response, await this.confirmation.confirm(id, request, command));
  }
}
