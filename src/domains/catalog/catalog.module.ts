import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Product } from './product.entity.js';
import { ProductsRepository } from './products.repository.js';
import { ProductsService } from './products.service.js';
import { StockAdjustment } from './stock-adjustment.entity.js';
import { StockRepository } from './stock.repository.js';

@Module({
  imports: [TypeOrmModule.forFeature([Product, StockAdjustment])],
  providers: [ProductsRepository, StockRepository, ProductsService],
  exports: [ProductsRepository, StockRepository, ProductsService],
})
export class CatalogModule {}
