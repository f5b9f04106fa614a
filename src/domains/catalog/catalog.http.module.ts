import { Module } from '@nestjs/common';
import { CatalogModule } from './catalog.module.js';
import { ProductsAdminController } from './products-admin.controller.js';
import { ProductsController } from './products.controller.js';

@Module({ imports: [CatalogModule], controllers: [ProductsController, ProductsAdminController] })
export class CatalogHttpModule {}
