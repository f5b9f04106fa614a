import { Controller, Get, Inject, Query, Req, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { Public } from '../../platform/auth/route-access.js';
import { Cache, type CachePlace } from '../../platform/cache/cache.js';
import { CONFIG, type Config } from '../../platform/config/config.js';
import { ApiProblems } from '../../platform/http/api-problems.decorator.js';
import { IdParam } from '../../platform/http/id-param.js';
import { pageOf } from '../../platform/http/page.js';
import { keptBody, sendKept, type KeptBody } from '../../platform/http/replies/kept-body.js';
import { InvalidRequest } from '../../shared/errors.js';
import { ProductNotFound } from './product.errors.js';
import { ProductPage, ProductView } from './product.view.js';
import { ListProducts } from './products.dto.js';
import { ProductsRepository } from './products.repository.js';
import { placeOfPage, placeOfProduct } from './shop-window.js';

const FRESHNESS = 'May be cached for minutes; prices follow a change within seconds. Carries an `ETag`.';

/** The shop window: the same for everybody, so nobody is asked who they are, and what was read once is sent again. */
@ApiTags('products')
@Public()
@Controller('products')
export class ProductsController {
  constructor(
    private readonly products: ProductsRepository,
    private readonly cache: Cache,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Get()
  @ApiOperation({ summary: 'List products for sale', description: FRESHNESS })
  @ApiOkResponse({ type: ProductPage })
  @ApiProblems(InvalidRequest)
  async list(@Query() query: ListProducts, @Req() request: Request, @Res() response: Response): Promise<void> {
    const search = { ...query, limit: query.limit + 1, withInactive: false };
    const read = async () => pageOf(await this.products.list(search), query.limit);
    sendKept(await this.kept(placeOfPage(query), read), request, response);
  }

  @Get(':id')
  @ApiOperation({ summary: 'Read a product for sale', description: FRESHNESS })
  @ApiOkResponse({ type: ProductView })
  @ApiProblems(InvalidRequest, ProductNotFound)
  async get(@IdParam('id') id: string, @Req() request: Request, @Res() response: Response): Promise<void> {
    const read = () => this.products.get(id, { withInactive: false });
    sendKept(await this.kept(placeOfProduct(id), read), request, response);
  }

  private kept(place: CachePlace, read: () => Promise<object>): Promise<KeptBody> {
    const ttlSeconds = this.config.PRODUCT_CACHE_TTL_SECONDS;
    return this.cache.wrap({ ...place, ttlSeconds }, async () => keptBody(await read()));
  }
}
