import { Body, Controller, Get, HttpCode, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Principal } from '../../../contracts/roles.js';
import { Forbidden } from '../../../platform/auth/auth.errors.js';
import { CurrentUser } from '../../../platform/auth/current-user.decorator.js';
import { Requires } from '../../../platform/auth/route-access.js';
import { ApiProblems } from '../../../platform/http/api-problems.decorator.js';
import { IdParam } from '../../../platform/http/id-param.js';
import { pageOf, PageQuery } from '../../../platform/http/page.js';
import { InvalidRequest, ServiceUnavailable } from '../../../shared/errors.js';
import { PaymentNotFound } from '../payment.errors.js';
import { ProviderViewsService } from './provider-views.service.js';
import { OutcomeContradicted, ReviewNotFound, ReviewResolved } from './review.errors.js';
import { ReviewResolutionService } from './review-resolution.service.js';
import { ReviewPage, ReviewView, viewReview } from './review.view.js';
import { ReviewedPaymentsRepository } from './reviewed-payments.repository.js';
import { ResolveReview } from './reviews.dto.js';

@ApiTags('admin')
@ApiBearerAuth()
@Controller('admin/reviews')
export class ReviewsController {
  constructor(
    private readonly reviewed: ReviewedPaymentsRepository,
    private readonly providers: ProviderViewsService,
    private readonly resolution: ReviewResolutionService,
  ) {}

  @Get()
  @Requires('reviews.read')
  @ApiOperation({
    summary: 'List the payments an operator has to look at, newest first',
    description: 'With our own calls as evidence, and what the provider says now, as far as it answers within 4 s.',
  })
  @ApiOkResponse({ type: ReviewPage })
  @ApiProblems(InvalidRequest, Forbidden)
  async list(@Query() { limit, after }: PageQuery): Promise<ReviewPage> {
    const { data, next } = pageOf(await this.reviewed.list({ limit: limit + 1, after }), limit);
    const views = await this.providers.viewsOf(data);
    return { data: data.map((payment, index) => viewReview(payment, views[index] ?? null)), next };
  }

  @Post(':paymentId/resolve')
  @Requires('reviews.resolve')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Resolve whatever is open about a payment',
    description: "Recorded with who, when and why. The provider's word decides whether the outcome is accepted.",
  })
  @ApiOkResponse({ type: ReviewView, description: 'Resolved, with the evidence it rests on.' })
  @ApiProblems(InvalidRequest, Forbidden, PaymentNotFound, ReviewNotFound)
  @ApiProblems(ReviewResolved, OutcomeContradicted, ServiceUnavailable)
  async resolve(
    @CurrentUser() { id: actorId }: Principal,
    @IdParam('paymentId') paymentId: string,
    @Body() { outcome, note }: ResolveReview,
  ): Promise<ReviewView> {
    const provider = await this.resolution.resolve(paymentId, { outcome, note, actorId });
    return viewReview(await this.reviewed.get(paymentId), provider);
  }
}
