"""The vendors of models as local servers: each speaks its protocol to the vendor's real SDK."""
