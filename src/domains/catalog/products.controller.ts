import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Public } from '../../platform/auth/route-access.js';
import { ApiProblems } from '../../platform/http/api-problems.decorator.js';
import { IdParam } from '../../platform/http/id-param.js';
import { pageOf } from '../../platform/http/page.js';
import { InvalidRequest } from '../../shared/errors.js';
import { ProductNotFound } from './product.errors.js';
import { ProductPage, ProductView } from './product.view.js';
import { ListProducts } from './products.dto.js';
import { ProductsRepository } from './products.repository.js';

/** The shop window: the same for everybody, so nobody is asked who they are. */
@ApiTags('products')
@Public()
@Controller('products')
export class ProductsController {
  constructor(private readonly products: ProductsRepository) {}

  @Get()
  @ApiOperation({ summary: 'List products for sale' })
  @ApiOkResponse({ type: ProductPage })
  @ApiProblems(InvalidRequest)
  async list(@Query() query: ListProducts): Promise<ProductPage> {
    const search = { ...query, limit: query.limit + 1, withInactive: false };
    return pageOf(await this.products.list(search), query.limit);
  }

  @Get(':id')
  @ApiOperation({ summary: 'Read a product for sale' })
  @ApiOkResponse({ type: ProductView })
  @ApiProblems(InvalidRequest, ProductNotFound)
  get(@IdParam('id') id: string): Promise<ProductView> {
    return this.products.get(id, { withInactive: false });
  }
}
