//! Deciding, from a Market and a made-up forecast to a plan.

mod capture;
mod formulating;
mod infeasible;
mod piloting;
mod planning;
mod pricing;
mod reaching;
mod replenishing;
mod robust;
mod stocking;
mod world;
mod wrong;
