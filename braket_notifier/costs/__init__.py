"""What quantum tasks cost by AWS's public price list; pure."""
