import { Body, Controller, Get, Patch, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Principal } from '../../contracts/roles.js';
import { Forbidden } from '../../platform/auth/auth.errors.js';
import { CurrentUser } from '../../platform/auth/current-user.decorator.js';
import { Requires } from '../../platform/auth/route-access.js';
import { ApiProblems } from '../../platform/http/api-problems.decorator.js';
import { IdParam } from '../../platform/http/id-param.js';
import { pageOf } from '../../platform/http/page.js';
import { InvalidRequest } from '../../shared/errors.js';
import { ProductNotFound, SkuTaken, StockBelowZero } from './product.errors.js';
import { ProductPage, ProductView, StockView, viewProduct } from './product.view.js';
import { AdjustStock, ChangeProduct, CreateProduct, ListProducts } from './products.dto.js';
import { ProductsRepository } from './products.repository.js';
import { ProductsService } from './products.service.js';

@ApiTags('products')
@ApiBearerAuth()
@Controller()
export class ProductsAdminController {
  constructor(
    private readonly service: ProductsService,
    private readonly products: ProductsRepository,
  ) {}

  @Post('products')
  @Requires('products.change')
  @ApiOperation({ summary: 'Add a product', description: 'Its shelf is empty until a stock adjustment fills it.' })
  @ApiCreatedResponse({ type: ProductView })
  @ApiProblems(InvalidRequest, Forbidden, SkuTaken)
  async create(@Body() request: CreateProduct): Promise<ProductView> {
    return viewProduct(await this.service.create(request));
  }

  @Patch('products/:id')
  @Requires('products.change')
  @ApiOperation({
    summary: 'Change a product',
    description: 'Orders already placed keep the price and name they froze.',
  })
  @ApiOkResponse({ type: ProductView })
  @ApiProblems(InvalidRequest, Forbidden, ProductNotFound, SkuTaken)
  async change(@IdParam('id') id: string, @Body() request: ChangeProduct): Promise<ProductView> {
    return viewProduct(await this.service.change(id, request));
  }

  @Post('products/:id/stock-adjustments')
  @Requires('stock.adjust')
  @ApiOperation({ summary: 'Add or remove units', description: 'Relative, so that no sale in between is lost.' })
  @ApiCreatedResponse({ type: StockView })
  @ApiProblems(InvalidRequest, Forbidden, ProductNotFound, StockBelowZero)
  async adjustStock(
    @CurrentUser() user: Principal,
    @IdParam('id') productId: string,
    @Body() { delta, reason }: AdjustStock,
  ): Promise<StockView> {
    return { stockOnHand: await this.service.adjustStock({ productId, delta, reason, actorId: user.id }) };
  }

  @Get('admin/products')
  @Requires('products.read-hidden')
  @ApiOperation({ summary: 'List all products, also those not for sale' })
  @ApiOkResponse({ type: ProductPage })
  @ApiProblems(InvalidRequest, Forbidden)
  async list(@Query() query: ListProducts): Promise<ProductPage> {
    const search = { ...query, limit: query.limit + 1, withInactive: true };
    return pageOf(await this.products.list(search), query.limit);
  }

  @Get('admin/products/:id')
  @Requires('products.read-hidden')
  @ApiOperation({ summary: 'Read a product, also one not for sale' })
  @ApiOkResponse({ type: ProductView })
  @ApiProblems(InvalidRequest, Forbidden, ProductNotFound)
  get(@IdParam('id') id: string): Promise<ProductView> {
    return this.products.get(id, { withInactive: true });
  }
}
